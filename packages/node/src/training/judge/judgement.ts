import { bytesToUtf8, utf8ToBytes } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { TrainerRecord } from '@cairn/training';

/** What a validator found of a round, kept before it is bound to it. Places are indexes. */
export interface Judgement {
  readonly round: number;
  /** Root of the weights that the round began with, in hex. */
  readonly base: string;
  /** One for each place of the roster, 0 to 65,535. */
  readonly scores: readonly number[];
  /** In hex. */
  readonly salt: string;
  /** Places whose update is sound and helps. */
  readonly sound: readonly number[];
  /** What is known of each seat after the round. */
  readonly records: readonly (readonly [seat: string, record: TrainerRecord])[];
}

export interface Judgements {
  of(round: number): Judgement | null;
  /** The latest before a round. */
  before(round: number): Judgement | null;
  keep(judgement: Judgement): Promise<void>;
}

/** Rounds that are kept: those that can still be revealed, and the one whose records go on. */
const KEPT = 4;

export function openJudgements(records: RecordStore, run: string, hotkey: string): Judgements {
  const prefix = `judge/${hotkey}/${run}/`;
  const keyOf = (round: number) => prefix + String(round).padStart(10, '0');
  const read = (key: string): Judgement | null => {
    const record = records.get(key);
    return record === undefined ? null : (JSON.parse(bytesToUtf8(record)) as Judgement);
  };
  return {
    of: (round) => read(keyOf(round)),
    before(round) {
      const last = [...records.keys(prefix)].filter((key) => key < keyOf(round)).at(-1);
      return last === undefined ? null : read(last);
    },
    async keep(judgement) {
      await records.set(keyOf(judgement.round), utf8ToBytes(JSON.stringify(judgement)));
      for (const old of [...records.keys(prefix)].slice(0, -KEPT)) await records.delete(old);
    },
  };
}
