import { authorize, createEd25519Signer } from '@cairn/core';
import { validatorSignBytes } from '../../src/index.ts';
import type { TestChain, TestKey } from './chain.ts';

/** A consensus key's agreement to vote for a hotkey. */
export async function vote(chainId: Uint8Array, consensus: TestKey, hotkey: TestKey) {
  const signed = validatorSignBytes(chainId, hotkey.account);
  return { consensusKey: await authorize(createEd25519Signer(consensus.seed), signed) };
}

/** Powers in force by account of the consensus key. */
export function powersOf(chain: TestChain): Record<string, bigint> {
  const { validators } = chain.query('validators_list', {});
  return Object.fromEntries(
    validators.map(({ validator, power }: { validator: string; power: string }) => [
      validator,
      BigInt(power),
    ]),
  );
}
