import { type Clock, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { RoundView, RunReader, SeatView } from '@cairn/protocol';
import type { TrainerProgress } from '@cairn/training';
import type { EngineUse, Phase, RoundLine, Sample, WorkState } from '../messages.ts';

/** Points kept for the charts. */
const MOST_POINTS = 10_000;
/** Rounds shown. */
const MOST_ROUNDS = 50;
/** Steps that a speed is the mean of. */
const SPEED_STEPS = 10;
/** Samples kept: when there are more, every second one goes. */
const MOST_SAMPLES = 1_200;

export interface WorkLogParts {
  /** Tokens of one batch. */
  readonly tokensPerStep: number;
  readonly receivedBytes: () => number;
  readonly clock: Clock;
}

/** What this browser did in a run, for people to look at. */
export interface WorkLog {
  state(): WorkState;
  phase(phase: Phase, note?: string): void;
  engine(engine: EngineUse): void;
  progress(progress: TrainerProgress): void;
  view(view: RoundView): void;
  sent(bytes: number): void;
  /** Asks the ledger what was paid, and takes a sample. */
  refresh(reader: Pick<RunReader, 'paidRound'>, run: Uint8Array, seat: SeatView | null): Promise<void>;
}

/** Begins with nothing done. Times count from now. */
export function createWorkLog(run: string, { tokensPerStep, receivedBytes, clock }: WorkLogParts): WorkLog {
  const openedMs = clock.nowMs();
  let state: WorkState = {
    ...{ phase: 'joining', run, round: 0, step: 0, steps: 0, tokensPerSecond: 0, trainers: 0 },
    ...{ sentBytes: 0, receivedBytes: 0, earned: '0', vesting: '0' },
    ...{ losses: [], speeds: [], samples: [], engine: null, rounds: [], note: '' },
  };
  let times: readonly number[] = [];
  const set = (more: Partial<WorkState>) => {
    state = { ...state, ...more };
  };
  function line(round: number, more: Partial<RoundLine>): void {
    const blank: RoundLine = { round, steps: 0, loss: 0, sentBytes: 0, pay: null, state: 'training' };
    const known = state.rounds.find((each) => each.round === round);
    const others = state.rounds.filter((each) => each.round !== round);
    const rounds = [...others, { ...(known ?? blank), ...more }].toSorted(
      (one, other) => one.round - other.round,
    );
    set({ rounds: rounds.slice(-MOST_ROUNDS) });
  }

  function sample(): void {
    const { samples, trainers, sentBytes, earned, vesting } = state;
    const now: Sample = {
      seconds: (clock.nowMs() - openedMs) / 1_000,
      ...{ trainers, sentBytes },
      receivedBytes: receivedBytes(),
      earned: cairnOf(earned),
      vesting: cairnOf(vesting),
    };
    const kept = samples.length < MOST_SAMPLES ? samples : samples.filter((_, index) => index % 2 === 0);
    set({ samples: [...kept, now] });
  }

  return {
    state: () => ({ ...state, receivedBytes: receivedBytes() }),
    phase: (phase, note = '') => set({ phase, note }),
    engine: (engine) => set({ engine }),
    sent: (bytes) => set({ sentBytes: state.sentBytes + bytes }),
    progress(progress) {
      if (progress.kind === 'step') {
        const { done, steps, loss, ms } = progress.step;
        times = [...times, Math.max(ms, 1)].slice(-SPEED_STEPS);
        const spentMs = times.reduce((sum, each) => sum + each, 0);
        const tokensPerSecond = (1_000 * tokensPerStep * times.length) / spentMs;
        set({
          ...{ phase: 'training', note: '', round: progress.round, step: done, steps, tokensPerSecond },
          losses: [...state.losses, loss].slice(-MOST_POINTS),
          speeds: [...state.speeds, tokensPerSecond].slice(-MOST_POINTS),
        });
        line(progress.round, { steps: done, loss });
      } else if (progress.kind === 'committed') {
        set({ phase: 'waiting' });
        line(progress.round, { steps: progress.steps, sentBytes: progress.sizeBytes, state: 'sent' });
      }
    },
    view({ roster, run: { phase, round } }) {
      set({ trainers: roster.length, round });
      if (phase !== 'train' && state.phase === 'training') set({ phase: 'waiting' });
    },
    async refresh(reader, id, seat) {
      let vesting = 0n;
      for (const { round, state: known } of state.rounds) {
        if (known === 'vested' || known === 'refused' || known === 'missed') continue;
        if (known === 'training' && round >= state.round) continue;
        const paid = await reader.paidRound(id, round);
        if (paid === null) continue;
        const place = paid.lines.findIndex((each) => each.seat === seat?.number);
        const mine = paid.lines[place];
        if (mine === undefined) {
          line(round, { state: 'missed', pay: '0' });
          continue;
        }
        const pay = mine.pay + mine.witnessPay;
        if (!paid.isVested) vesting += pay;
        const isRefused = mine.pay === 0n;
        line(round, {
          pay: pay.toString(),
          state: paid.isVested ? 'vested' : isRefused ? 'refused' : 'paid',
        });
      }
      set({ earned: (seat?.paid ?? 0n).toString(), vesting: vesting.toString() });
      sample();
    },
  };
}

/** For a chart: the nearest double. */
const cairnOf = (pebbles: string): number => Number(pebbles) / Number(PEBBLES_PER_CAIRN);
