import { bytesToHex } from '@cairn/core';
import type { RoundView } from '@cairn/protocol';
import { type FollowParts, followRun } from '@cairn/training';
import type { Library } from '../library/library.ts';

/** As `followRun`. What is here of a run that ended makes room for others. */
export async function followToEnd(
  parts: FollowParts & { readonly library: Pick<Library, 'end'> },
  run: Uint8Array,
  act: (view: RoundView) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await followRun(parts, run, act, signal);
  if (!signal.aborted) await parts.library.end(bytesToHex(run));
}
