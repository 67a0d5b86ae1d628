import { accountIdOf, createEd25519Signer, createPureCrypto } from '@cairn/core';
import { parseTransaction, readParameters, requiredFee } from '@cairn/ledger';
import { expect, it } from 'vitest';
import { signTransaction } from '../../src/ledger/transaction-builder.ts';

const crypto = createPureCrypto();
const signer = createEd25519Signer(new Uint8Array(32).fill(7));
const sender = accountIdOf(crypto, signer.scheme, signer.publicKey);
const parameters = readParameters({ get: () => undefined });

it('lets a transaction pay a little more than its fee, as prices may be voted up while it is on its way', async () => {
  const signed = await signTransaction(crypto, signer, parameters, {
    ...{ chainId: new Uint8Array(32), sender, nonce: 0n },
    ...{ message: 'accounts.transfer', value: { to: sender, amount: 1n, memo: new Uint8Array() } },
  });
  const read = parseTransaction(crypto, signed.bytes);
  if (!read.ok) throw new Error(read.problem.message);
  const { transaction, sizeBytes, work } = read.parsed;
  expect(requiredFee(parameters, sizeBytes, work)).toBe(signed.fee);
  const dearer = { ...parameters, feePerByte: (parameters.feePerByte * 6n) / 5n };
  expect(transaction.body.maxFee).toBeGreaterThanOrEqual(requiredFee(dearer, sizeBytes, work));
  expect(transaction.body.maxFee).toBeLessThanOrEqual(signed.fee * 2n);
});
