import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './repository.ts';
import {
  aFolder,
  type RunningNetwork,
  runCairn,
  startMember,
  startNetwork,
  startProxy,
} from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];
const MODEL = join(root, 'models/cairn-crontab/crontab-f16.gguf');
const QUESTION = 'every weekday at 9:30 am';

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly cairn: {
    readonly provider: string;
    readonly receipt: string;
    readonly privacy: { level: string };
  };
}

/** Three processes with separate homes: a network, a provider that knows its address, a user who knows it too. */
describe('a network that others join by its address alone', () => {
  let seed: RunningNetwork;
  let provider: RunningNetwork;
  let user: RunningNetwork;

  beforeAll(async () => {
    seed = await startNetwork(await aFolder(), FAST);
    const [address] = seed.addresses;
    [provider, user] = await Promise.all([
      startProvider(await aFolder()),
      startProxy(await aFolder(), address!),
    ]);
  }, 180_000);
  afterAll(async () => {
    for (const process of [user, provider, seed]) await process?.[Symbol.asyncDispose]();
  });

  const startProvider = (data: string) =>
    startMember(data, 'miner', seed.addresses[0]!, [
      ...['--model', MODEL],
      ...['--input-price', '1', '--output-price', '1'],
    ]);

  const roleOf = async ({ control }: RunningNetwork) =>
    (await control<{ roles: { kind: string; address: string }[] }>('node_status', {})).roles.at(-1)!;

  async function ask(preferences: object = {}): Promise<Answer> {
    const response = await fetch(`${user.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'cairn/crontab',
        messages: [{ role: 'user', content: QUESTION }],
        ...preferences,
      }),
    });
    const body = (await response.json()) as Answer;
    expect(response.status, JSON.stringify(body)).toBe(200);
    return body;
  }

  it('answers a user, paid, sealed and with a receipt, from the provider', async () => {
    const { address } = await roleOf(provider);
    const { choices, cairn } = await ask({ provider: { only: [address] } });
    expect(choices[0]!.message.content).toBe('30 9 * * 1-5');
    expect(cairn.provider).toBe(address);
    expect(cairn.privacy.level).toBe('L1');
    const response = await fetch(`${user.url}/v1/receipts/${cairn.receipt}`);
    expect(await response.json()).toMatchObject({ id: cairn.receipt });
    const channels = await user.control<{ payee: string; settled: string }[]>('node_channels', {});
    expect(BigInt(channels.find(({ payee }) => payee === address)!.settled)).toBeGreaterThan(0n);
  });

  it('serves the file under the card that is registered already', async () => {
    const { roles } = await provider.control<{ roles: { note: string }[] }>('node_status', {});
    expect(roles[0]!.note).toBe('cairn/crontab (f16)');
  });

  it('has one card for a new file that two begin to serve at the same moment', async () => {
    const fresh = join(root, 'models/cairn-when/when-f16.gguf');
    const start = async () => startMember(await aFolder(), 'miner', seed.addresses[0]!, ['--model', fresh]);
    const both = await Promise.all([start(), start()]);
    try {
      const notes = await Promise.all(
        both.map(async (one) => {
          const { roles } = await one.control<{ roles: { note: string }[] }>('node_status', {});
          return roles[0]!.note;
        }),
      );
      expect(notes[0]).toMatch(/\/when-f16 \(f16\)$/);
      expect(notes[1]).toBe(notes[0]);
    } finally {
      for (const one of both) await one[Symbol.asyncDispose]();
    }
  }, 120_000);

  it('names the machine of the provider on the ledger', async () => {
    const { address } = await roleOf(provider);
    const record = await seed.control<{ devices: { addresses: string[] }[] }>('registry_provider', {
      account: address,
    });
    expect(record.devices[0]!.addresses).toEqual(provider.addresses);
  });

  it('gives the provider a new sealing key, which users seal to from then on', async () => {
    const { address } = await roleOf(provider);
    const keyOf = async () =>
      (await seed.control<{ sealing: { x25519: string } }>('registry_provider', { account: address })).sealing
        .x25519;
    const before = await keyOf();
    const rotated = await provider.json<{ provider: string }>('provider', 'rotate', 'miner', '--yes');
    expect(rotated.provider).toBe(address);
    expect(await keyOf()).not.toBe(before);
    expect((await ask({ provider: { only: [address] } })).cairn.privacy.level).toBe('L1');
  });

  it('has a gateway that sells to strangers and pays for agents where its settings say so', async () => {
    const data = await aFolder();
    await writeFile(join(data, 'config.json'), JSON.stringify({ sell: 'on', agentPayments: 'on' }));
    await using gateway = await startMember(data, 'gateway', seed.addresses[0]!);
    expect((await fetch(`${gateway.url}/x402/supported`)).status).toBe(200);
    const asked = await fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'balance', arguments: {} },
      }),
    });
    expect(await asked.text()).toMatch(/"pays":true/);
  }, 60_000);

  it('lists no offer of a provider that stopped', async () => {
    const { address } = await roleOf(provider);
    const offersOf = async () =>
      (await seed.control<{ provider: string }[]>('registry_offers', {})).filter(
        (offer) => offer.provider === address,
      );
    expect(await offersOf()).toHaveLength(1);
    await provider.interrupt();
    expect(await offersOf()).toEqual([]);
    provider = await startProvider(provider.data);
    expect(await offersOf()).toHaveLength(1);
  }, 120_000);

  it('finishes an answer elsewhere, unseen, when its provider is killed in the middle of it', async () => {
    const { address } = await roleOf(provider);
    const { roles } = await seed.control<{ roles: { note: string; address: string }[] }>('node_status', {});
    // It claims to have the same file, and nobody has measured it yet.
    const cheat = roles.find(({ note }) => note.includes('cheat'))!.address;
    // An answer of ten tokens may be whole before the signal arrives; then the provider is started again.
    for (let attempt = 0; attempt < 8; attempt++) {
      const response = await fetch(`${user.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'cairn/crontab',
          messages: [{ role: 'user', content: QUESTION }],
          temperature: 0,
          stream: true,
          provider: { order: [address], ignore: [cheat] },
        }),
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-cairn-provider')).toBe(address);
      let body = '';
      let killed: Promise<void> | null = null;
      for await (const part of response.body!) {
        killed ??= provider.kill();
        body += Buffer.from(part).toString();
      }
      await killed;
      const events = body.split('\n\n').filter((event) => event.startsWith('data: {'));
      const text = events
        .map((event) => JSON.parse(event.slice(6)) as { choices: { delta?: { content?: string } }[] })
        .map(({ choices }) => choices[0]?.delta?.content ?? '')
        .join('');
      expect(text).toBe('30 9 * * 1-5');
      expect(body).toContain('data: [DONE]');
      const note = JSON.parse(/^: cairn (\{.*\})$/m.exec(body)![1]!) as {
        receipts: { provider: string }[];
      };
      const providers = note.receipts.map((receipt) => receipt.provider);
      if (providers.some((other) => other !== address)) return;
      provider = await startProvider(provider.data);
    }
    expect.unreachable('no answer was cut');
  }, 240_000);

  it('keeps a folder to the network that it joined first', async () => {
    await using other = await startNetwork(await aFolder(), FAST);
    await user.interrupt();
    const { code, stderr } = await runCairn([
      ...['node', 'start', '--role', 'gateway', '--peer', other.addresses[0]!, '--data', user.data],
      ...['--port', '0', '--p2p-listen', '127.0.0.1:0'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/belongs to network [0-9a-f]{12}…, and this address leads to [0-9a-f]{12}…/);
  }, 240_000);
});

describe('a role that joins', () => {
  it('says which address it could not reach, and why', async () => {
    const peer = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWBWNEPqK7Bk8t697GWDdWL8FhRfG4ffqsVkLGfEPz7W3w';
    const { code, stderr } = await runCairn([
      ...['node', 'start', '--role', 'gateway', '--peer', peer, '--data', await aFolder()],
      ...['--port', '0', '--p2p-listen', '127.0.0.1:0'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(peer);
    expect(stderr).toMatch(/refused/i);
  });

  it('wants the name of the node in its address', async () => {
    const peer = '/ip4/127.0.0.1/tcp/8471';
    const { code, stderr } = await runCairn([
      'proxy',
      '--peer',
      peer,
      '--port',
      '0',
      '--data',
      await aFolder(),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${peer} does not end with the name of its node`);
  });

  it('says that it needs an address', async () => {
    const { code, stderr } = await runCairn(['node', 'start', '--role', 'miner', '--data', await aFolder()]);
    expect(code).toBe(1);
    expect(stderr).toContain('--peer');
  });
});
