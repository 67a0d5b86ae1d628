import {
  type AccountId,
  type Crypto,
  concatBytes,
  encode,
  list,
  struct,
  u16,
  u64ToBytes,
  utf8ToBytes,
} from '@cairn/core';
import { MAX_ROSTER } from './limits.ts';

const scoresShape = struct('Scores', { scores: list(u16, MAX_ROSTER) });

/** What a validator is bound to before it sees scores of others. */
export function scoreCommitmentOf(
  crypto: Crypto,
  {
    run,
    round,
    hotkey,
    scores,
    salt,
  }: {
    readonly run: Uint8Array;
    readonly round: number;
    readonly hotkey: AccountId;
    readonly scores: readonly number[];
    readonly salt: Uint8Array;
  },
): Uint8Array {
  const bytes = encode(scoresShape, { scores: [...scores] });
  return crypto.sha256(
    concatBytes(utf8ToBytes('cairn/scores/v1'), run, u64ToBytes(BigInt(round)), hotkey, salt, bytes),
  );
}
