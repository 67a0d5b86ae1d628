import { authorize, encode, type Signer } from '@cairn/core';
import {
  announceKeyChangeShape,
  chainIdOf,
  changeKeyShape,
  type Genesis,
  keyConsentBytes,
  transactionSignBytes,
  transactionToBytes,
  transferShape,
} from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { type Chain, createThreadedVerifier } from '../../src/index.ts';
import { aChain, aGenesis, alice, aSigner, bob, crypto, idOf } from '../parts.ts';

const next = aSigner('the next key of alice');
const base = aGenesis();
const genesis: Genesis = {
  ...base,
  parameters: [...base.parameters, { name: 'keyChangeDelaySlots', value: 2n }],
};
const chainId = chainIdOf(crypto, genesis);

/** A transaction of an account that `signer` signs. */
async function aTransaction(
  signer: Signer,
  { sender = idOf(alice), nonce, messageId, message }: Record<string, unknown> & { nonce: bigint },
): Promise<Uint8Array> {
  const body = {
    chainId,
    sender: sender as Uint8Array,
    nonce,
    maxFee: 10_000_000n,
    tip: 0n,
    validUntil: 0n,
    messageId: messageId as number,
    message: message as Uint8Array,
  };
  return transactionToBytes({ body, authorization: await authorize(signer, transactionSignBytes(body)) });
}

const pay = (signer: Signer, nonce: bigint) =>
  aTransaction(signer, {
    nonce,
    messageId: 1,
    message: encode(transferShape, { to: idOf(bob), amount: 1n }),
  });

async function codeOf(chain: Chain, tx: Uint8Array): Promise<string | null> {
  const result = await chain.mempool.submit(tx);
  return result.ok ? null : result.problem.code;
}

describe('a mempool when a key changes', () => {
  it.each([
    ['on this thread', undefined],
    ['on other threads', () => createThreadedVerifier(crypto, { inlineBelow: 0 })],
  ])(
    'forgets what the old key signed and takes what the new one signs, with signatures checked %s',
    async (_, verifier) => {
      await using chain = await aChain({ genesis }, verifier === undefined ? {} : { verifier: verifier() });
      const produce = async () => {
        await chain.time.advance(1_000);
        await chain.engine.produceBlock();
      };
      const announce = await aTransaction(alice, {
        nonce: 0n,
        messageId: 13,
        message: encode(announceKeyChangeShape, { newKey: idOf(next) }),
      });
      expect(await codeOf(chain, announce)).toBeNull();
      await produce();
      // Before the change the new key speaks for nobody, however good its signature is.
      const [early, waiting] = [await pay(next, 1n), await pay(alice, 2n)];
      expect(await codeOf(chain, early)).toBe('SIGNATURE_INVALID');
      // One of the old key waits behind a gap, its signature found good.
      expect(await codeOf(chain, waiting)).toBeNull();
      await produce();
      await produce();
      const consent = await authorize(next, keyConsentBytes(chainId, idOf(alice)));
      const change = await aTransaction(bob, {
        sender: idOf(bob),
        nonce: 0n,
        messageId: 14,
        message: encode(changeKeyShape, { account: idOf(alice), consent }),
      });
      expect(await codeOf(chain, change)).toBeNull();
      await produce();
      expect(chain.mempool.count).toBe(0);
      expect(await codeOf(chain, waiting)).toBe('KEY_CHANGED');
      expect(await codeOf(chain, await pay(alice, 1n))).toBe('KEY_CHANGED');
      expect(await codeOf(chain, early)).toBeNull();
      await produce();
      expect(await codeOf(chain, early)).toBe('NONCE_STALE');
    },
  );
});
