import type { AccountId, Clock, Crypto, Logger } from '@cairn/core';
import type { RecordStore, RoundView, RunLedger, RunView, Timer } from '@cairn/protocol';
import {
  createTrainer,
  followRun,
  openRunCompute,
  openRunDesk,
  openTrainerRecords,
  type TrainerProgress,
} from '@cairn/training';
import { openBrowserEngine } from './engine.ts';
import type { BrowserLibrary } from './library.ts';
import type { NodeClient } from './node-client.ts';

export interface SessionParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Logger;
  readonly node: NodeClient;
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
  /** Ends when the run does or `stop` was called. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** A round is kept this often, so that a page that is closed at once goes on from there. */
const KEEP_MS = 5_000;

/** Takes part in a run in which this browser has a seat. */
export async function startSession(parts: SessionParts, run: RunView): Promise<Session> {
  const { crypto, clock, timer, log, node, library, records, ledger } = parts;
  const desk = await openRunDesk(
    {
      ...{ crypto, ledger, library, log },
      fetch: (name, blobs) => library.fetch(name, blobs),
      openCompute: (options) =>
        openRunCompute(
          {
            ...{ crypto, clock, turn },
            read: (id) => library.get(id),
            openEngine: (plan) => openBrowserEngine(crypto, plan),
          },
          options,
        ),
    },
    run,
  );
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
      } finally {
        stop();
      }
      if (over.signal.aborted || (!isSliceOver && !isHidden)) return;
    }
  }

  const ended = followRun({ ledger, timer, log }, run.id, act, over.signal);
  return {
    ended,
    hide(hidden) {
      isHidden = hidden;
      if (hidden) pause.abort();
    },
    stop: () => over.abort(),
  };
}

const channel = new MessageChannel();
let resume: () => void = () => undefined;
channel.port1.onmessage = () => resume();

/** A turn of the event loop, in which messages of the page are heard. Unlike a timeout, it is not slowed down. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    resume = resolve;
    channel.port2.postMessage(null);
  });
}
