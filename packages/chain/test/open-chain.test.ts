import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { aChain, aGenesis, alice, aTransfer, bob, idOf, include, operator } from './parts.ts';

describe('openChain', () => {
  it('puts a signed transfer into a block on disk and has the same root after a restart', async () => {
    const first = await aChain();
    const { folder } = first;
    await first.engine.start();
    const result = await include(first, await aTransfer({ amount: 5_000_000n }));
    expect(result).toMatchObject({
      ok: true,
      problem: null,
      transaction: { index: 0, fee: expect.any(String) },
    });
    const before = await first.ledger.status();
    await first.close();

    await using second = await aChain({ folder });
    const after = await second.ledger.status();
    expect(after).toEqual(before);
    expect(after.height).toBe(result.transaction?.height);
    const account = await second.ledger.query<{ spendable: string; nonce: string }>('accounts_get', {
      address: accountIdToAddress(idOf(bob)),
    });
    expect(account.spendable).toBe((1_000_000_000_000n - 200_000n + 5_000_000n).toString());
    const sender = await second.ledger.query<{ nonce: string }>('accounts_get', {
      address: accountIdToAddress(idOf(alice)),
    });
    expect(sender.nonce).toBe('1');
    expect((await second.ledger.transaction(result.id!))?.id).toBe(result.id);
  });

  it('starts a real network that owns nothing: the validator of genesis earns the first money by its blocks', async () => {
    const genesis = {
      ...aGenesis([]),
      kind: 'real' as const,
      validators: [{ publicKey: operator.publicKey, account: idOf(alice), power: 100_000_000n }],
    };
    await using chain = await aChain({ genesis });
    await chain.engine.start();
    for (let block = 0; block < 5; block++) await chain.time.advance(1_000);
    const result = await include(chain, await aTransfer({ nonce: 1n << 20n, genesis }));
    expect(result).toMatchObject({ ok: true, problem: null });
    const supply = await chain.ledger.query<{ issuance: string }>('emission_supply', {});
    const { validators } = await chain.ledger.query<{ validators: unknown[] }>('validators_list', {});
    expect(BigInt(supply.issuance)).toBeGreaterThan(0n);
    expect(validators).toMatchObject([{ validator: accountIdToAddress(idOf(operator)), power: '100000000' }]);
  });
});
