import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aFolder,
  type RunningNetwork,
  startMember,
  startNetwork,
  startProxy,
} from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly cairn: {
    readonly provider: string;
    readonly receipt: string;
    readonly cost: string;
    readonly privacy: { readonly level: string };
  };
}

interface ChannelRow {
  readonly payer: string;
  readonly payee: string;
}

/** Three processes with separate homes: a network with its providers, a hub, and a user who knows the hub alone. */
describe('a user of a hub', () => {
  let seed: RunningNetwork;
  let hub: RunningNetwork;
  let user: RunningNetwork;
  let hubAddress: string;

  beforeAll(async () => {
    seed = await startNetwork(await aFolder(), FAST);
    hub = await startMember(await aFolder(), 'hub', seed.addresses[0]!, ['--hub-fee-bps', '700']);
    hubAddress = await roleOf(hub);
    user = await startProxy(await aFolder(), seed.addresses[0]!, [
      '--hub',
      hubAddress,
      '--hub-fee-bps',
      '700',
    ]);
  }, 180_000);
  afterAll(async () => {
    for (const process of [user, hub, seed]) await process?.[Symbol.asyncDispose]();
  });

  const roleOf = async ({ control }: RunningNetwork) =>
    (await control<{ roles: { address: string }[] }>('node_status', {})).roles.at(-1)!.address;

  const channelsOf = (party: string) => seed.control<ChannelRow[]>('channels_list', { party });

  async function ask(content: string): Promise<Answer> {
    const response = await fetch(`${user.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'cairn/crontab', messages: [{ role: 'user', content }] }),
    });
    const body = (await response.json()) as Answer;
    expect(response.status, JSON.stringify(body)).toBe(200);
    return body;
  }

  it('is answered, sealed to the provider, by its one channel', async () => {
    const { choices, cairn } = await ask('every weekday at 9:30 am');
    // Five fields. Which, is up to the provider: the network has a planted cheat that nobody knows yet.
    expect(choices[0]!.message.content).toMatch(/^\S+( \S+){4}$/);
    expect(cairn.privacy.level).toBe('L1');
    await ask('every hour');
    await ask('at noon');
    const mine = await channelsOf(await roleOf(user));
    expect(mine.map(({ payee }) => payee)).toEqual([hubAddress]);
    const ofHub = await channelsOf(hubAddress);
    expect(ofHub.some(({ payer, payee }) => payer === hubAddress && payee === cairn.provider)).toBe(true);
  }, 60_000);

  it('has the receipt of the hub, and behind it that of the provider', async () => {
    const { cairn } = await ask('every day at 4 pm');
    const response = await fetch(`${user.url}/v1/receipts/${cairn.receipt}`);
    const { receipt, bought } = (await response.json()) as Record<
      'receipt' | 'bought',
      {
        provider: string;
        price: string;
        responseHash: string;
        receipt: { provider: string; price: string; responseHash: string };
      }
    >;
    expect(receipt.provider).toBe(hubAddress);
    expect(bought.receipt.provider).toBe(cairn.provider);
    expect(bought.receipt.responseHash).toBe(receipt.responseHash);
    expect(BigInt(receipt.price)).toBeGreaterThan(BigInt(bought.receipt.price));
  }, 60_000);

  it('is served on when the hub was killed and starts again, and owes nothing twice', async () => {
    const [before] = await user.control<{ settled: string }[]>('node_channels', {});
    await hub.kill();
    hub = await startMember(hub.data, 'hub', seed.addresses[0]!, ['--hub-fee-bps', '700']);
    let cost = 0n;
    // The hub's machine has another port now; the ledger and the network tell where.
    await expect
      .poll(
        async () => {
          const response = await fetch(`${user.url}/v1/chat/completions`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              model: 'cairn/crontab',
              messages: [{ role: 'user', content: 'every hour' }],
            }),
          });
          const body = (await response.json()) as Answer;
          if (response.status === 200) cost = await priceOf(body.cairn.receipt);
          return response.status;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(200);
    const [after, ...others] = await user.control<{ settled: string }[]>('node_channels', {});
    expect(others).toEqual([]);
    expect(BigInt(after!.settled)).toBe(BigInt(before!.settled) + cost);
  }, 120_000);

  async function priceOf(id: string): Promise<bigint> {
    const response = await fetch(`${user.url}/v1/receipts/${id}`);
    return BigInt(((await response.json()) as { receipt: { price: string } }).receipt.price);
  }
});
