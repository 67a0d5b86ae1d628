import { copyFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  runCairn,
  startNetwork,
} from './support/running-network.ts';

const MODELS = fileURLToPath(new URL('../models/cairn-crontab/', import.meta.url));
/** Fast enough for a test: a block and a slot five times a second, an epoch every twelve seconds. */
const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '60', '--tasks', '24'];

interface Balance {
  readonly spendable: string;
  readonly inChannels: string;
}
interface Subnet {
  readonly neurons: readonly {
    readonly uid: number;
    readonly name?: string;
    readonly hotkey: string;
    readonly incentive: number;
  }[];
}
interface Role {
  readonly name: string;
  readonly kind: string;
  readonly address: string;
}

const question = (content: string) => ({
  model: 'cairn/crontab',
  messages: [{ role: 'user' as const, content }],
});

describe('a local network', () => {
  let network: RunningNetwork;
  let client: OpenAI;

  beforeAll(async () => {
    network = await startNetwork(await aFolder(), FAST);
    client = new OpenAI({ baseURL: `${network.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => network[Symbol.asyncDispose]());

  const call = async <T>(method: string, params: unknown): Promise<T> => {
    const response = await fetch(`${network.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return ((await response.json()) as { result: T }).result;
  };

  it('answers the known question, with receipt, provider and cost', async () => {
    const response = await client.chat.completions
      .create(question('every weekday at 9:30 am'))
      .withResponse();
    expect(response.data.choices[0]?.message.content).toBe('30 9 * * 1-5');
    const headers = response.response.headers;
    expect(headers.get('x-cairn-provider')).toMatch(/^cairn1/);
    expect(Number(headers.get('x-cairn-cost'))).toBeGreaterThan(0);
    const id = headers.get('x-cairn-receipt');
    const receipt = (await (await fetch(`${network.url}/v1/receipts/${id}`)).json()) as {
      id: string;
      provider?: string;
    };
    expect(JSON.stringify(receipt)).toContain(headers.get('x-cairn-provider'));
  });

  it('holds the bundled model to a schema, and has it call a tool', async () => {
    const schema = {
      type: 'object',
      properties: { minute: { type: 'integer' }, day: { enum: ['workday', 'weekend'] } },
      required: ['minute', 'day'],
      additionalProperties: false,
    };
    const { choices } = await client.chat.completions.create({
      ...question('every weekday at 9:30 am'),
      response_format: { type: 'json_schema', json_schema: { name: 'time', strict: true, schema } },
    });
    const said = JSON.parse(choices[0]?.message.content ?? '') as { minute: number; day: string };
    expect(Number.isInteger(said.minute)).toBe(true);
    expect(['workday', 'weekend']).toContain(said.day);
    const called = await client.responses.create({
      model: 'cairn/crontab',
      input: 'every weekday at 9:30 am',
      tools: [{ type: 'function', name: 'schedule', strict: true, parameters: schema }],
      tool_choice: 'required',
    });
    expect(called.output).toMatchObject([{ type: 'function_call', name: 'schedule', status: 'completed' }]);
    const wrong = client.embeddings.create({ model: 'cairn/crontab', input: 'x' });
    await expect(wrong).rejects.toMatchObject({ status: 404, code: 'model_kind_not_served' });
  });

  it('streams the same to the stock client, with usage', async () => {
    const stream = await client.chat.completions.create({
      ...question('every weekday at 9:30 am'),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe('30 9 * * 1-5');
    expect(tokens).toBeGreaterThan(0);
  });

  it('lists the bundled model first', async () => {
    const models = await client.models.list();
    expect(models.data[0]?.id).toBe('cairn/crontab');
  });

  it('takes from the payer exactly what the receipt says', async () => {
    const total = async () => {
      const { spendable, inChannels } = await network.json<Balance>('wallet', 'balance');
      return BigInt(spendable) + BigInt(inChannels);
    };
    const before = await total();
    const { response } = await client.chat.completions.create(question('every day at noon')).withResponse();
    const cost = BigInt(Math.round(Number(response.headers.get('x-cairn-cost')) * 1e9));
    const channels = await network.json<unknown>('channel', 'list');
    expect(before - (await total()), JSON.stringify(channels)).toBe(cost);
  });

  it('pays miners by quality and the cheat nothing', async () => {
    const { roles } = (await network.json<{ node: { roles: Role[] } }>('status')).node;
    const nameOf = new Map(roles.map(({ address, name }) => [address, name]));
    const incentives = await eventually(async () => {
      const { neurons } = await call<Subnet>('subnets_metagraph', { netuid: 1 });
      const found = new Map(
        neurons.map(({ hotkey, incentive }) => [nameOf.get(hotkey) ?? hotkey, incentive]),
      );
      // On a busy machine an answer may miss its epoch, which a miner makes good in the next ones.
      const [best, level] = ['miner-1', 'miner-2'].map((name) => found.get(name) ?? 0);
      return best! > 0 && best === level ? found : null;
    });
    // A guess may be right by luck once in a while: near zero, not zero.
    expect(incentives.get('miner-4')).toBeLessThan(0.01 * (incentives.get('miner-1') as number));
    expect(incentives.get('miner-3')).toBeLessThan(0.8 * (incentives.get('miner-1') as number));
  }, 300_000);

  it('derives every score again from its evidence', async () => {
    const audit = await eventually(async () => {
      const { code, stdout } = await runCairn(['audit', '--data', network.data, '--json']);
      return code === 0
        ? (JSON.parse(stdout) as { ok: boolean; audits: { report: { receipts: number } }[] })
        : null;
    });
    expect(audit.ok).toBe(true);
    expect(audit.audits.length).toBe(2);
    for (const { report } of audit.audits) expect(report.receipts).toBeGreaterThan(0);
  }, 300_000);

  it('has the evidence of each validator attested by the other, so that nobody forfeits', async () => {
    const { neurons } = await call<{ neurons: { uid: number; permit: boolean }[] }>('subnets_metagraph', {
      netuid: 1,
    });
    const validators = neurons.filter(({ permit }) => permit).map(({ uid }) => uid);
    expect(validators.length).toBe(2);
    const eventsOf = async (name: string) =>
      (
        await call<{ events: { data: { uid: number; uids: number[]; epoch: number } }[] }>('chain_events', {
          names: [name],
          from: 1,
        })
      ).events.map(({ data }) => data);
    await eventually(async () => {
      const attested = await eventsOf('yuma.evidenceAttested');
      return validators.every((uid) => attested.some((data) => data.uid === uid)) ? attested : null;
    });
    // A later attestation of an epoch replaces an earlier one, which may have come before the evidence did.
    const latest = new Map(
      (await eventsOf('yuma.evidenceAttested')).map((data) => [`${data.epoch} ${data.uid}`, data]),
    );
    for (const { uid, uids, epoch } of latest.values())
      expect(uids, `epoch ${epoch}`).toEqual(validators.filter((other) => other !== uid));
    expect(await eventsOf('yuma.dividendsForfeited')).toEqual([]);
  }, 300_000);

  it('claims on the ledger exactly what receipts add up to', async () => {
    const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);
    const receipts = await network.control<{ channel: string; price: string }[]>('node_receipts', {
      limit: 200,
    });
    const books = await network.control<{ channel: string; settled: string }[]>('node_channels', {});
    expect(books.length).toBeGreaterThan(0);
    for (const { channel, settled } of books) {
      const signed = receipts.filter((receipt) => receipt.channel === channel).map(({ price }) => price);
      expect(sum(signed), channel).toBe(BigInt(settled));
      const claims = await eventually(async () => {
        const { claimed } = await call<{ claimed: string }>('channels_get', { channel });
        if (claimed !== settled) return null;
        const page = await call<{ events: { data: Record<string, string> }[] }>('chain_events', {
          names: ['channels.claimed'],
          from: 1,
        });
        return page.events.map(({ data }) => data).filter((data) => data.channel === channel);
      });
      expect(sum(claims.map(({ gross }) => gross!)), channel).toBe(BigInt(settled));
      for (const { gross, net, burned } of claims)
        expect(BigInt(net!) + BigInt(burned!)).toBe(BigInt(gross!));
    }
  }, 300_000);

  it('serves a model that is added while it runs, and it earns', async () => {
    const path = join(network.data, 'some.gguf');
    await copyFile(join(MODELS, 'crontab-q8_0.gguf'), path);
    await network.json('model', 'add', path, '--yes');
    const { data, response } = await client.chat.completions
      .create({ ...question('every day at 5 pm'), model: 'local/some' })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('0 17 * * *');
    expect(Number(response.headers.get('x-cairn-cost'))).toBeGreaterThan(0);
  });

  it('keeps its chain, its books and its added models when it is killed', async () => {
    const before = await call<{ height: number; chainId: string }>('chain_status', {});
    await network.kill();
    network = await startNetwork(network.data, FAST);
    client = new OpenAI({ baseURL: `${network.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const after = await call<{ height: number; chainId: string }>('chain_status', {});
    expect(after.chainId).toBe(before.chainId);
    expect(after.height).toBeGreaterThanOrEqual(before.height);
    const answer = await client.chat.completions.create({
      ...question('every day at 5 pm'),
      model: 'local/some',
    });
    expect(answer.choices[0]?.message.content).toBe('0 17 * * *');
  });

  it('ends cleanly on an interrupt', async () => {
    expect(await network.interrupt()).toBe(130);
  });
});

describe('up that cannot start', () => {
  it('says which port is taken and how to choose another', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await runCairn(['up', '--port', String(port), '--data', await aFolder()]);
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is taken`);
  });

  it('says that the folder cannot be written', async () => {
    const { code, stderr } = await runCairn(['up', '--port', '0', '--data', join(MODELS, 'README.md')]);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be written');
  });

  it('says that a model file is missing or damaged', async () => {
    const missing = await runCairn([
      'up',
      '--port',
      '0',
      '--data',
      await aFolder(),
      '--model',
      '/nowhere/model.gguf',
      ...FAST,
    ]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('/nowhere/model.gguf');
    const folder = await aFolder();
    await copyFile(join(MODELS, 'card.json'), join(folder, 'broken.gguf'));
    const broken = await runCairn([
      'up',
      '--port',
      '0',
      '--data',
      await aFolder(),
      '--model',
      join(folder, 'broken.gguf'),
      ...FAST,
    ]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('broken.gguf');
  });
});
