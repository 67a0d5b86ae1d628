import { sign } from 'node:crypto';
import { areBytesEqual } from '@cairn/core';
import { speakingKeyOf, transactionSignBytes, transactionToBytes } from '@cairn/ledger';
import type { SimulatedCall, SimulationScene } from './generator.ts';

/** A transaction, and whether nothing was wrong with the way it was wrapped. */
export interface SignedCall {
  readonly tx: Uint8Array;
  readonly isSound: boolean;
}

/** Wraps and signs a call with the key that speaks for its sender; one in ten in some wrong way. */
export function signCall(
  scene: SimulationScene,
  { sender, messageId, message }: SimulatedCall,
  nonce: bigint,
): SignedCall {
  const { random, chainId, height, people, view } = scene;
  const fault = random.oneIn(10) ? random.below(8) : -1;
  const body = {
    chainId: fault === 0 ? random.bytes(32) : chainId,
    sender: sender.account,
    nonce: fault === 1 ? nonce + 1n + random.belowBig(3n) : fault === 2 && nonce > 0n ? nonce - 1n : nonce,
    maxFee: fault === 3 ? 1n : 10_000_000n,
    tip: random.oneIn(4) ? random.belowBig(300_000n) : 0n,
    validUntil: fault === 4 ? BigInt(Math.max(1, height - 1)) : 0n,
    messageId: fault === 5 ? 60_000 : messageId,
    message,
  };
  const speaking = speakingKeyOf(view, sender.account);
  const signer = people.find(({ account }) => areBytesEqual(account, speaking)) ?? sender;
  const key = fault === 6 ? random.pick(people).key : signer.key;
  const signature = new Uint8Array(sign(null, transactionSignBytes(body), key));
  const tx = transactionToBytes({
    body,
    authorization: { scheme: 'ed25519', publicKey: signer.publicKey, signature },
  });
  if (fault === 7) tx[random.below(tx.length)]! ^= 1 << random.below(8);
  return { tx, isSound: fault < 0 };
}
