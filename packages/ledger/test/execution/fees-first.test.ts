import { describe, expect, it } from 'vitest';
import { accounts } from '../../src/index.ts';
import { aChain, aKey, CAIRN } from '../support/chain.ts';
import { aBody, executeBytes, signedBytes } from '../support/signed.ts';

describe('the fees of a block', () => {
  it('are taken before any message runs, so that nobody fills a block for nothing', async () => {
    const [alice, bob] = [aKey(1), aKey(2)];
    const chain = aChain({ funded: [alice, bob] });
    const all = accounts.get(chain.view, alice.account)!.spendable;
    const drain = aBody(chain, alice, { to: bob.account, amount: all - CAIRN });
    const bodies = Array.from({ length: 20 }, (_, index) => ({
      ...drain,
      nonce: drain.nonce + BigInt(index),
    }));
    const txs = await Promise.all(bodies.map((body) => signedBytes(alice, body)));
    const { results } = executeBytes(chain, txs, { height: 1 });
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([
      null,
      ...new Array(19).fill('BALANCE_TOO_LOW'),
    ]);
    expect(results.every(({ fee }) => fee > 0n)).toBe(true);
  });
});
