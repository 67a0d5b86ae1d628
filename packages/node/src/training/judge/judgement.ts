import { bytesToUtf8, utf8ToBytes } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { RefusalReason, TrainerRecord } from '@cairn/training';

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
  /** The other places of the roster, and why. Absent in records of older programs. */
  readonly refused?: readonly (readonly [place: number, reason: RefusalReason])[];
  /** What is known of each seat after the round. */
  readonly records: readonly (readonly [seat: string, record: TrainerRecord])[];
}

export interface Judgements {
  of(round: number): Judgement | null;
  /** The latest before a round. */
  before(round: number): Judgement | null;
  keep(judgement: Judgement): Promise<void>;
}

/** Rounds that are kept: those that can still be revealed, the one whose records go on, and for who asks why. */
const KEPT = 16;
const FOLDER = 'judge/';
const nameOf = (round: number) => String(round).padStart(10, '0');
const readJudgement = (record: Uint8Array) => JSON.parse(bytesToUtf8(record)) as Judgement;

export function openJudgements(records: RecordStore, run: string, hotkey: string): Judgements {
  const prefix = `${FOLDER}${hotkey}/${run}/`;
  const keyOf = (round: number) => prefix + nameOf(round);
  const read = (key: string): Judgement | null => {
    const record = records.get(key);
    return record === undefined ? null : readJudgement(record);
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

/** What every validator of this node refused in a round, by its hotkey in hex, ascending. */
export function judgementsOf(
  records: RecordStore,
  run: string,
  round: number,
): { readonly hotkey: string; readonly refused: NonNullable<Judgement['refused']> }[] {
  const end = `/${run}/${nameOf(round)}`;
  return [...records.keys(FOLDER)].flatMap((key) => {
    if (!key.endsWith(end)) return [];
    const { refused = [] } = readJudgement(records.get(key)!);
    return [{ hotkey: key.slice(FOLDER.length, -end.length), refused }];
  });
}
