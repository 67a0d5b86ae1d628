import { accountIdToAddress, PEBBLES_PER_CAIRN } from '@cairn/core';
import { SdkError } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { ensureFunds } from '../../src/member/funds.ts';
import { faucetMethods } from '../../src/up/faucet.ts';

const addressOf = (byte: number) => accountIdToAddress(new Uint8Array(32).fill(byte));

function aLedger(kind: 'local' | 'real', refusal?: string) {
  const asked: unknown[] = [];
  return {
    asked,
    status: async () => ({ kind }),
    async call<T>(method: string, params: unknown): Promise<T> {
      asked.push([method, params]);
      if (refusal !== undefined)
        throw new SdkError({ code: 'RPC_FAILED', method, reason: 'FAUCET_REFUSED' }, refusal);
      return {} as T;
    },
  };
}

const anAccount = (spendable: bigint) => ({ address: addressOf(1), spendable: async () => spendable });

describe('ensureFunds', () => {
  it('asks for nothing when there is enough', async () => {
    const ledger = aLedger('local');
    await ensureFunds(ledger, anAccount(PEBBLES_PER_CAIRN));
    expect(ledger.asked).toEqual([]);
  });

  it('asks a local network for test money', async () => {
    const ledger = aLedger('local');
    await ensureFunds(ledger, anAccount(0n));
    expect(ledger.asked).toEqual([['local_fund', { address: addressOf(1) }]]);
  });

  it('asks a real network for nothing, and says where money is to be sent', async () => {
    const ledger = aLedger('real');
    await expect(ensureFunds(ledger, anAccount(5n))).rejects.toMatchObject({
      code: 'NO_FUNDS',
      message: expect.stringContaining(`Send CAIRN to it`),
      problem: { address: addressOf(1) },
    });
    expect(ledger.asked).toEqual([]);
  });

  it('says why the network gave nothing', async () => {
    await expect(ensureFunds(aLedger('local', 'You had yours.'), anAccount(0n))).rejects.toThrow(
      /refused: You had yours\./,
    );
  });
});

describe('the test money of a local network', () => {
  function aFaucet(send: () => Promise<never> | Promise<undefined> = async () => undefined) {
    const sent: unknown[] = [];
    const owner = {
      send: async (_: string, value: unknown) => {
        sent.push(value);
        return (await send()) as never;
      },
    };
    const [method] = faucetMethods({ kind: 'local' }, owner as never);
    return { sent, method: method! };
  }

  it('is given to an account once', async () => {
    const { method, sent } = aFaucet();
    const results = await Promise.allSettled([
      method.run({ address: addressOf(1) }),
      method.run({ address: addressOf(1) }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(sent).toEqual([{ to: new Uint8Array(32).fill(1), amount: 100n * PEBBLES_PER_CAIRN }]);
  });

  it('can be asked for again when it was not sent', async () => {
    let isDown = true;
    const { method } = aFaucet(async () => {
      if (isDown) throw new Error('no block came');
      return undefined;
    });
    await expect(method.run({ address: addressOf(1) })).rejects.toThrow('no block came');
    isDown = false;
    await expect(method.run({ address: addressOf(1) })).resolves.toMatchObject({ address: addressOf(1) });
  });

  it('ends after fifty accounts', async () => {
    const { method } = aFaucet();
    for (let at = 1; at <= 50; at++) await method.run({ address: addressOf(at) });
    await expect(method.run({ address: addressOf(51) })).rejects.toThrow(/50 accounts/);
  });

  it('cannot be asked for where money is real', () => {
    expect(faucetMethods({ kind: 'real' }, { send: async () => expect.unreachable() })).toEqual([]);
  });

  it('is refused for what is no address', async () => {
    const { method } = aFaucet();
    await expect(method.run({ address: 'me' })).rejects.toMatchObject({ code: 'RPC_PARAMS_INVALID' });
  });
});
