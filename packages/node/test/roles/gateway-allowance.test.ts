import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountIdToAddress, bytesToHex, PEBBLES_PER_CAIRN } from '@cairn/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGatewayRole } from '../../src/roles/gateway-role.ts';
import { aRecordStore } from '../data/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

const CAP = PEBBLES_PER_CAIRN / 2n;
const OTHER_MODEL = new Uint8Array(32).fill(7);

interface Limits {
  readonly total?: bigint;
  readonly expirySlot?: bigint;
  readonly models?: readonly Uint8Array[];
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly error?: { readonly code: string; readonly message: string; readonly param: string | null };
    readonly data?: readonly { readonly id: string }[];
  };
}

/** A gateway that is the sub-key of an owner. */
async function anAgent() {
  const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
  const { owner, gateway: agent } = town.keys;
  const { ledger } = town.parts;
  const [offer] = await ledger.query<{ model: string }[]>('registry_offers', { after: null, limit: 1 });
  const allow = ({ total = 20n * CAP, expirySlot = 1_000_000n, models = [] }: Limits = {}) =>
    town.during(
      town.accounts.owner.send('accounts.setSubKey', {
        key: agent.account,
        limits: {
          perCall: CAP,
          perDay: total,
          total,
          expirySlot,
          messages: ['accounts.transfer'],
          payees: [],
          models,
        },
      }),
    );
  const spent = async () => {
    const [key] = await ledger.query<{ spent: string }[]>('accounts_subKeys', {
      owner: owner.address,
      after: null,
      limit: 0,
    });
    return BigInt(key?.spent ?? '0');
  };
  async function start() {
    const role = await town.during(
      startGatewayRole(town.parts, {
        client: town.accounts.gateway,
        spendFor: owner.account,
        transport: town.network.join(agent.address),
        records: aRecordStore(),
        storage: aRecordStore(),
        keys: [],
        mostPerAnswer: PEBBLES_PER_CAIRN,
        firstModel: 'cairn/stub',
        knownQuestion: () => null,
      }),
    );
    onTestFinished(() => town.during(Promise.resolve(role[Symbol.asyncDispose]())));
    const server = createServer((request, response) => void role.gateway.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const read = async (response: Response): Promise<Answer> => ({
      status: response.status,
      body: (await response.json()) as Answer['body'],
    });
    const ask = (model = 'cairn/stub') =>
      town.during(
        fetch(`${url}/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 8 }),
        }).then(read),
      );
    return { role, ask, models: () => fetch(`${url}/models`).then(read) };
  }
  const model = Uint8Array.from(Buffer.from(offer!.model, 'hex'));
  return { town, owner, agent, allow, spent, start, model };
}

describe('a gateway that is the sub-key of an owner', () => {
  it('answers with the owner’s money, which the ledger counts against its caps', async () => {
    const { town, agent, allow, spent, start, model } = await anAgent();
    await allow({ models: [model] });
    const { role, ask } = await start();
    const before = await town.accounts.owner.spendable();
    expect((await ask()).status).toBe(200);
    expect(await spent()).toBe(CAP);
    expect(before - (await town.accounts.owner.spendable())).toBe(CAP);
    const [channel] = role.payer.channels();
    expect(channel).toMatchObject({ deposited: CAP });
    const { payer } = await town.parts.ledger.query<{ payer: string }>('channels_get', {
      channel: bytesToHex(channel!.channel),
    });
    expect(payer).toBe(accountIdToAddress(agent.account));
  });

  it('refuses a model that is not on the owner’s list, by its own code, and lists the others only', async () => {
    const { allow, spent, start, model } = await anAgent();
    await allow({ models: [OTHER_MODEL] });
    const { ask, models } = await start();
    const { status, body } = await ask();
    expect([status, body.error?.code, body.error?.param]).toEqual([403, 'model_not_allowed', 'model']);
    expect(body.error?.message).toContain('does not let it ask cairn/stub');
    expect((await models()).body.data).toEqual([]);
    expect((await ask('cairn/nothing')).body.error?.code).toBe('model_not_found');
    expect(await spent()).toBe(0n);
    // The list is read each time.
    await allow({ models: [OTHER_MODEL, model] });
    expect((await ask()).status).toBe(200);
    expect((await models()).body.data?.map(({ id }) => id)).toContain('cairn/stub');
  });

  it('spends nothing when it is no sub-key, expired, or its caps are used up, and says so', async () => {
    const { town, allow, spent, start } = await anAgent();
    const { ask } = await start();
    const none = await ask();
    expect([none.status, none.body.error?.code]).toEqual([402, 'wallet_not_allowed']);
    expect(none.body.error?.message).toContain('is no sub-key of');
    await allow({ expirySlot: 30n });
    for (let slot = 0; slot < 30; slot++) await town.block();
    expect((await ask()).body.error?.message).toContain('could spend until slot 30.');
    await allow({ total: 1n });
    const capped = await ask();
    expect([capped.status, capped.body.error?.code]).toEqual([402, 'insufficient_funds']);
    expect(await spent()).toBe(0n);
  });
});
