import { bytesToUtf8, utf8ToBytes } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { KeptMoments } from './run-shapes.ts';

/** A round that this machine trained, kept before it is committed: after a crash nothing is trained twice. Hex. */
export interface TrainedRecord {
  readonly round: number;
  readonly base: string;
  readonly update: string;
  readonly sizeBytes: number;
  readonly traceRoot: string;
  /** List of the pages of what was left unsent; null: nothing. */
  readonly residual: string | null;
  readonly steps: number;
  /** Mean of its losses, and the last, nats per token. */
  readonly meanLoss: number;
  readonly lastLoss: number;
  /** Blobs of it in the library. */
  readonly blobs: readonly string[];
}

/** Moments that a trainer goes on with. */
export interface MomentsRecord extends KeptMoments {
  /** How often the ledger had halved the learning rate. */
  readonly halvings: number;
  /** Blobs of them in the library. */
  readonly blobs: readonly string[];
}

/** What a trainer remembers of a run. */
export interface TrainerRecords {
  trained(round: number): TrainedRecord | null;
  keep(record: TrainedRecord): Promise<void>;
  /** Forgets rounds before one. @returns what was known of them */
  forgetBefore(round: number): Promise<readonly TrainedRecord[]>;
  /** The latest; null: none were kept. */
  moments(): MomentsRecord | null;
  keepMoments(moments: MomentsRecord): Promise<void>;
  /** Where a paused round is; null: none is. */
  paused(): { readonly round: number; readonly base: string; readonly blob: string } | null;
  keepPaused(
    paused: { readonly round: number; readonly base: string; readonly blob: string } | null,
  ): Promise<void>;
}

export function openTrainerRecords(records: RecordStore, run: string): TrainerRecords {
  const prefix = `trainer/${run}/round/`;
  const keyOf = (round: number) => `${prefix}${String(round).padStart(10, '0')}`;
  const pausedKey = `trainer/${run}/paused`;
  const momentsKey = `trainer/${run}/moments`;
  const read = <T>(key: string): T | null => {
    const record = records.get(key);
    return record === undefined ? null : (JSON.parse(bytesToUtf8(record)) as T);
  };
  return {
    trained: (round) => read(keyOf(round)),
    keep: (record) => records.set(keyOf(record.round), utf8ToBytes(JSON.stringify(record))),
    async forgetBefore(round) {
      const old = [...records.keys(prefix)].filter((key) => key < keyOf(round));
      const known = old.flatMap((key) => read<TrainedRecord>(key) ?? []);
      for (const key of old) await records.delete(key);
      return known;
    },
    moments: () => read(momentsKey),
    keepMoments: (moments) => records.set(momentsKey, utf8ToBytes(JSON.stringify(moments))),
    paused: () => read(pausedKey),
    async keepPaused(paused) {
      if (paused === null) await records.delete(pausedKey);
      else await records.set(pausedKey, utf8ToBytes(JSON.stringify(paused)));
    },
  };
}
