import { createEd25519Signer, createPureCrypto } from '@cairn/core';
import { parseTransaction, readParameters } from '@cairn/ledger';
import type { LedgerReader, LedgerWriter } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { createAccountClient } from '../../src/ledger/account-client.ts';

const crypto = createPureCrypto();
const signer = createEd25519Signer(new Uint8Array(32).fill(9));

/** A ledger whose price of bytes can be doubled, and which refuses what offers less. */
function aLedger() {
  let { feePerByte, ...others } = readParameters({ get: () => undefined });
  const limits: bigint[] = [];
  const ledger = {
    chainId: '00'.repeat(32),
    async query(method: string) {
      if (method === 'accounts_get') return { nonce: '0', spendable: '1000000000' };
      const all = { ...others, feePerByte };
      return Object.entries(all).map(([name, value]) => ({ name, value: String(value) }));
    },
    async submit(bytes: Uint8Array) {
      const read = parseTransaction(crypto, bytes);
      if (!read.ok) return { ok: false, problem: read.problem };
      const { maxFee } = read.parsed.transaction.body;
      limits.push(maxFee);
      if (maxFee >= BigInt(bytes.length) * feePerByte) return { ok: true };
      return { ok: false, problem: { code: 'FEE_TOO_LOW', message: 'Raise maxFee.' } };
    },
    submitAndWait: async () => ({ ok: true, transaction: { height: 1 }, problem: null }),
  } as unknown as LedgerReader & LedgerWriter;
  return { ledger, limits, double: () => (feePerByte *= 2n) };
}

it('reads the prices again when they were voted up since it read them', async () => {
  const { ledger, limits, double } = aLedger();
  const client = createAccountClient({ crypto, signer, ledger });
  const send = () =>
    client.send('accounts.transfer', { to: client.account, amount: 1n, memo: new Uint8Array() });
  await send();
  double();
  await send();
  expect(limits).toHaveLength(3);
  expect(limits[2]).toBeGreaterThan(limits[1]!);
});
