import { accountIdToAddress } from '@cairn/core';
import { expect, it } from 'vitest';
import { sendMoney } from '../src/train/worker/send-money.ts';

const HOME = new Uint8Array(32).fill(9);
const FEE = 7n;

function aClient(spendable: bigint) {
  const sent: [string, unknown][] = [];
  const client = {
    spendable: async () => spendable,
    prepare: async () => ({ fee: FEE }),
    send: async (message: string, value: unknown) => void sent.push([message, value]),
  } as unknown as Parameters<typeof sendMoney>[0];
  return { client, sent };
}

it('sends all that a browser has without the fee, and keeps what later rounds need', async () => {
  const { client, sent } = aClient(1_000n);
  expect(await sendMoney(client, accountIdToAddress(HOME), 300n)).toBe(693n);
  expect(sent).toEqual([['accounts.transfer', { to: HOME, amount: 693n }]]);
});

it('sends nothing to what is no address, nor when there is no more than is needed', async () => {
  const { client, sent } = aClient(305n);
  await expect(sendMoney(client, 'cairn1nobody', 0n)).rejects.toThrow();
  await expect(sendMoney(client, accountIdToAddress(HOME), 300n)).rejects.toMatchObject({
    code: 'NOTHING_TO_SEND',
  });
  expect(sent).toEqual([]);
});
