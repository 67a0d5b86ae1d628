import { bytesToHex, CairnError, type Logger } from '@cairn/core';
import type { RosterView, RoundView } from '@cairn/protocol';
import type { RunDesk } from './run-desk.ts';
import type { StepProgress, TrainPlace } from './run-shapes.ts';
import type { TrainedRecord } from './trainer-record.ts';

type OpenRound = NonNullable<RoundView['round']>;

export interface GoAheadParts {
  readonly desk: RunDesk;
  readonly log: Logger;
  /** What the steps go on with in a run that keeps moments. */
  readonly momentsFor: (halvings: number) => Pick<TrainPlace, 'moments'>;
  readonly onStep: (round: number, step: StepProgress) => void;
}

/** The steps of a trainer's next round while the last one is shown and settled. */
export interface GoAhead {
  /**
   * Begins with them, or lets them go on. In an overlapped run alone.
   *
   * @param own what this machine committed to in the open round.
   * @param signal the latest one; aborted, the steps rest.
   */
  go(view: RoundView, round: OpenRound, place: RosterView, own: TrainedRecord, signal: AbortSignal): void;
  /** Resolves when no step is being made. Those that were are kept where the run is computed. */
  rest(): Promise<void>;
}

/** Others who need the same thread wait no longer than this. */
const SLICE_MS = 250;

export function createGoAhead({ desk, log, momentsFor, onStep }: GoAheadParts): GoAhead {
  const { inner, overlap = false } = desk.manifest;
  let latest: AbortSignal | null = null;
  let isWanted = false;
  let running: Promise<void> | null = null;
  /** Round whose steps are all made, or cannot be made. */
  let finished = 0;

  async function work(task: TrainPlace): Promise<void> {
    let done = 0;
    while (isWanted && latest?.aborted === false && done < inner.steps) {
      const before = done;
      await desk.compute.train(task, {
        signal: latest,
        onStep: (step) => {
          done = step.done;
          onStep(task.round, step);
        },
      });
      // Kept steps are not told of again: without a new one there is none to make.
      if (done === before && isWanted && !latest.aborted) break;
    }
    if (isWanted && latest?.aborted === false) finished = task.round;
  }

  return {
    go(view, round, place, own, signal) {
      latest = signal;
      const next = round.round + 1;
      const { terms, isEnding } = view.run;
      const isLast = isEnding || (terms.rounds > 0 && next > terms.rounds);
      if (!overlap || isLast || running !== null || finished >= next || signal.aborted) return;
      isWanted = true;
      const base = bytesToHex(round.baseRoot);
      const seats = view.roster.length;
      const task: TrainPlace = {
        ...{ base, run: desk.id, round: next, seat: place.seat },
        ...{ halvings: round.halvings, residual: null },
        firstBatch: Number(round.dataStart) + (seats + place.place) * inner.steps,
        start: {
          base,
          round: round.round,
          update: { id: own.update, seat: place.seat, steps: own.steps, maxBytes: own.sizeBytes },
        },
        ...{ withinMs: SLICE_MS, isAhead: true },
        ...momentsFor(round.halvings),
      };
      running = work(task)
        .catch((error: unknown) => {
          if (!(error instanceof CairnError)) throw error;
          finished = next;
          log.debug('no steps are made ahead', { round: next, code: error.code });
        })
        .finally(() => {
          running = null;
        });
    },
    async rest() {
      isWanted = false;
      await running;
    },
  };
}
