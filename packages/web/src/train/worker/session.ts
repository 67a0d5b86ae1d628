import type { AccountId, Logger } from '@cairn/core';
import type { RecordStore, RoundView, RunLedger, RunView, Timer } from '@cairn/protocol';
import {
  createTrainer,
  followRun,
  openTrainerRecords,
  type RunDesk,
  type TrainerProgress,
  TrainingError,
} from '@cairn/training';
import type { BrowserLibrary } from './library.ts';
import type { NodeClient } from './node-client.ts';

export interface SessionParts {
  readonly timer: Timer;
  readonly log: Logger;
  readonly node: NodeClient;
  readonly desk: RunDesk;
  readonly library: BrowserLibrary;
  readonly records: RecordStore;
  readonly ledger: RunLedger;
  readonly account: AccountId;
  /** Slot length in milliseconds. */
  readonly slotMs: number;
  readonly onProgress: (progress: TrainerProgress) => void;
  readonly onView: (view: RoundView) => void;
  /** Told when it rests, with what it computed kept. */
  readonly onRest: () => void;
  /** Told of the bytes left with the node. */
  readonly onSent: (bytes: number) => void;
}

/** This browser's part in one run. */
export interface Session {
  /** While hidden it rests; it keeps where it is first. */
  hide(isHidden: boolean): void;
  /** Ends when the run does or `stop` was called. @throws TrainingError `ENGINE_FAILED` */
  readonly ended: Promise<void>;
  stop(): void;
}

/** A round is kept this often, so that a page that is closed at once goes on from there. */
const KEEP_MS = 5_000;

/** Takes part in a run in which this browser has a seat. */
export function startSession(parts: SessionParts, run: RunView): Session {
  const { timer, log, node, desk, library, records, ledger } = parts;
  const kept = openTrainerRecords(records, desk.name);
  const trainer = createTrainer({
    ...{ desk, records, log, slotMs: parts.slotMs, onProgress: parts.onProgress },
    ledger: {
      ...ledger,
      device: parts.account,
      /** Nobody can fetch from a browser: the node has everything before the ledger names it. */
      async commitUpdate(update) {
        for (const id of kept.trained(update.round)?.blobs ?? []) {
          const bytes = await library.get(id);
          if (bytes === null) throw new Error(`the blob ${id} of this round is gone from the browser`);
          await node.deposit(desk.name, update.round, bytes);
          parts.onSent(bytes.length);
        }
        await ledger.commitUpdate(update);
      },
    },
  });

  const over = new AbortController();
  let pause = new AbortController();
  let isHidden = false;
  let broken: TrainingError | null = null;

  /** Trains in slices: after each, where it is has been kept. */
  async function act(view: RoundView): Promise<void> {
    parts.onView(view);
    for (let latest: RoundView | null = view; latest !== null; latest = await ledger.round(run.id)) {
      if (isHidden && latest.run.phase === 'train') return parts.onRest();
      pause = new AbortController();
      let isSliceOver = false;
      const stop = timer.schedule(KEEP_MS, () => {
        isSliceOver = true;
        pause.abort();
      });
      try {
        await trainer.act(latest, AbortSignal.any([pause.signal, over.signal]));
      } catch (error) {
        if (!(error instanceof TrainingError) || error.code !== 'ENGINE_FAILED') throw error;
        broken = error;
        over.abort();
      } finally {
        stop();
      }
      if (over.signal.aborted || (!isSliceOver && !isHidden)) return;
    }
  }

  async function follow(): Promise<void> {
    await followRun({ ledger, timer, log }, run.id, act, over.signal);
    if (broken !== null) throw broken;
  }

  return {
    ended: follow(),
    hide(hidden) {
      isHidden = hidden;
      if (hidden) pause.abort();
    },
    stop: () => over.abort(),
  };
}
