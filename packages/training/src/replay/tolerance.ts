import type { Crypto } from '@cairn/core';
import type { Tolerance } from '@cairn/protocol';
import type { ToleranceBounds } from './tolerant.ts';

/** What names the bounds of a tolerant run on the ledger, in the place of an engine's class. 32 bytes. */
export function toleranceClass(
  crypto: Pick<Crypto, 'sha256'>,
  { relative, angle, misplaced }: Tolerance,
): Uint8Array {
  const facts = ['cairn tolerance', relative, angle, misplaced];
  return crypto.sha256(new TextEncoder().encode(facts.join('\n')));
}

/** Bounds as they are written into a manifest. */
export function boundsOf({ relative, angle, misplaced }: Tolerance): ToleranceBounds {
  return { relative: Number(relative), angle: Number(angle), misplaced: Number(misplaced) };
}
