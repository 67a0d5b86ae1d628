import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { problem, type Verdict } from '../execution/message.ts';
import { MAX_BOUND_SALTS } from './messages/commit-salt.ts';
import { type BoundSalt, type EpochState, saltCommitment } from './state.ts';

/**
 * Whether tasks may be drawn with a salt: it was committed when nobody could know the seed. Whoever reveals last in
 * an epoch knows the next seed, so a salt of that epoch waits for one more, in which others reveal. A seed without
 * any salt is foreseen by everybody, so waiting would bring nothing: that is how a subnet starts.
 */
export function isSaltRipe(
  salt: Pick<BoundSalt, 'epoch'>,
  { epoch, mixedSalts }: Pick<EpochState, 'epoch' | 'mixedSalts'>,
): boolean {
  return salt.epoch + (mixedSalts > 0 ? 1 : 0) < epoch;
}

interface Reveal {
  readonly netuid: number;
  readonly salt: Uint8Array;
  readonly nextSaltCommitment: Uint8Array;
}

/** Whether a salt that was shown for another mechanism already is the one bound. It is followed by no other. */
export function checkSaltShown(
  { crypto, sender }: MessageContext,
  due: BoundSalt,
  { netuid, salt }: Pick<Reveal, 'netuid' | 'salt'>,
): Verdict {
  if (isSaltOf(crypto, netuid, sender, salt, due)) return null;
  return problem(
    'SALT_WRONG',
    `This salt does not match the commitment ${bytesToHex(due.commitment)}. Reveal the one committed.`,
  );
}

/** Whether a salt is the one bound, and the next one new. */
export function checkSaltReveal(
  context: MessageContext,
  due: BoundSalt,
  remaining: readonly BoundSalt[],
  { netuid, salt, nextSaltCommitment }: Reveal,
): Verdict {
  const wrong = checkSaltShown(context, due, { netuid, salt });
  if (wrong !== null) return wrong;
  if ([due, ...remaining].some(({ commitment }) => areBytesEqual(commitment, nextSaltCommitment))) {
    return problem(
      'SALT_REUSED',
      'The next salt is the one revealed here, or one committed already. Draw another at random.',
    );
  }
  if (remaining.length >= MAX_BOUND_SALTS) {
    return problem(
      'SALTS_FULL',
      `This hotkey is bound to ${remaining.length} salts, the most there may be. Use some first.`,
    );
  }
  return null;
}

function isSaltOf(
  crypto: Crypto,
  netuid: number,
  validator: Uint8Array,
  salt: Uint8Array,
  { commitment }: BoundSalt,
): boolean {
  return areBytesEqual(saltCommitment(crypto, netuid, validator, salt), commitment);
}
