import type { Crypto } from '@cairn/core';
import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import {
  createRoundPipeline,
  decodeUpdate,
  emptyResidual,
  type InnerOptimiser,
  type Judgement,
  judgeRound,
  makeUpdate,
  maxUpdateBytes,
  measureUpdates,
  type OuterRule,
  overlapOf,
  type RateSkills,
  type RoundSampler,
  type RunState,
  type TrainerEvidence,
  type TrainerRecord,
  takeBack,
  trainRound,
  type Units,
  type Update,
  type UpdateCodec,
  type UpdateHeader,
} from '@cairn/training';
import { createUnclippedPipeline } from './unclipped.ts';

/** What a trainer can do with what it knows. */
export interface TrainerTurn {
  readonly round: number;
  readonly header: UpdateHeader;
  readonly codec: UpdateCodec;
  readonly engine: TrainingEngine;
  readonly base: TensorTable;
  readonly decay: number;
  readonly residual: Units;
  /** Uploads of the round before, as everybody could read them. */
  readonly before: readonly Uint8Array[];
  /** The weights after the inner steps of this round, made with the trainer's own data. */
  train(): Promise<TensorTable>;
}

export interface SimulatedTrainer {
  readonly name: string;
  readonly isHonest: boolean;
  /** Inner steps it manages in a round. @default all */
  readonly steps?: number;
  /** Whether its update of a round gets lost on the way. @default never */
  readonly isLost?: (round: number) => boolean;
  /** What it uploads instead of an honest update; null: nothing. */
  readonly cheat?: (turn: TrainerTurn) => Promise<Uint8Array | null>;
}

/** Scores updates, and leaves out what is harmful. */
export interface SimulatedJudge {
  readonly rate: RateSkills;
  readonly unseen: (round: number) => readonly TrainingBatch[];
  /** Unseen data whose slope tells updates from noise. @default as `unseen` */
  readonly slope?: (round: number) => readonly TrainingBatch[];
  readonly assigned: (trainer: number, round: number) => readonly TrainingBatch[];
}

export interface SimulatedRun {
  readonly engine: TrainingEngine;
  readonly crypto: Crypto;
  readonly weights: TensorTable;
  readonly codec: UpdateCodec;
  /** Share of the residual that is kept (β). */
  readonly decay: number;
  readonly rule: OuterRule;
  /** Inner steps of a round (H). */
  readonly steps: number;
  readonly rounds: number;
  /** Whether moments start at zero in each round. */
  readonly isReset: boolean;
  readonly trainers: readonly SimulatedTrainer[];
  readonly createOptimiser: () => InnerOptimiser;
  readonly sampler: (trainer: number, round: number) => RoundSampler;
  readonly judge?: SimulatedJudge;
  /** Whether updates travel while the next round is trained. @default false */
  readonly isOverlapped?: boolean;
  /** `false`: no update is cut to the median length, as no real run does. Not with `isOverlapped`. @default true */
  readonly isClipped?: boolean;
  readonly turn?: () => Promise<void>;
  /** Told of each round; `false` stops the run. */
  readonly onRound?: (round: number, state: RunState, losses: readonly number[]) => boolean | undefined;
}

export interface SimulatedOutcome {
  readonly state: RunState;
  /** Bytes uploaded by all trainers together. */
  readonly bytes: number;
  /** Judgements of each round; empty without a judge. */
  readonly judged: readonly (readonly Judgement[])[];
  readonly records: ReadonlyMap<string, TrainerRecord>;
}

interface TrainerState {
  optimiser: InnerOptimiser;
  residual: Units;
}

/** Trainers in one process over one engine, round after round, with the same code that real nodes run. */
export async function simulateRun(run: SimulatedRun): Promise<SimulatedOutcome> {
  const { engine, trainers, codec, rule } = run;
  const table = engine.tensors;
  const states: TrainerState[] = trainers.map(() => ({
    optimiser: run.createOptimiser(),
    residual: emptyResidual(table),
  }));
  const start: RunState = { weights: run.weights, momentum: new Map() };
  const pipeline =
    run.isClipped === false
      ? createUnclippedPipeline(table, rule, start)
      : createRoundPipeline(table, rule, start, { isOverlapped: run.isOverlapped ?? false });
  let records: ReadonlyMap<string, TrainerRecord> = new Map();
  let before: Uint8Array[] = [];
  const judged: (readonly Judgement[])[] = [];
  let bytes = 0;
  for (let round = 0; round < run.rounds; round += 1) {
    const { state } = pipeline;
    const base = rootOf(run.crypto, state.weights);
    const uploads: (Uint8Array | null)[] = [];
    const losses: number[] = [];
    for (const who of trainers.keys()) {
      const made = await takeTurn(run, state.weights, base, states[who]!, { who, round, before });
      losses.push(...made.losses);
      uploads.push(made.upload);
      bytes += made.upload?.length ?? 0;
    }
    const received = uploads.map((upload) => receive(run, upload, round, base));
    let accepted = received.map(({ update }) => update !== null);
    if (run.judge !== undefined) {
      const evidence = await gather(run, run.judge, state, received, before, round);
      const { judgements, records: next } = judgeRound(run.judge.rate, records, evidence);
      records = next;
      judged.push(judgements);
      accepted = judgements.map(({ isAccepted }) => isAccepted);
    }
    const updates = received.flatMap(({ update }, who) => (accepted[who] ? [update!] : []));
    pipeline.close(updates);
    before = uploads.filter(
      (upload) => upload !== null && upload.length <= maxUpdateBytes(codec, table),
    ) as Uint8Array[];
    if (run.onRound?.(round, pipeline.state, losses) === false) break;
  }
  return { state: pipeline.drain(), bytes, judged, records };
}

interface Place {
  readonly who: number;
  readonly round: number;
  readonly before: readonly Uint8Array[];
}

async function takeTurn(
  run: SimulatedRun,
  base: TensorTable,
  root: Uint8Array,
  own: TrainerState,
  { who, round, before }: Place,
): Promise<{ upload: Uint8Array | null; losses: readonly number[] }> {
  const trainer = run.trainers[who]!;
  const steps = Math.min(run.steps, trainer.steps ?? run.steps);
  const header = { run: RUN, round, base: root, steps };
  const { codec, decay, engine } = run;
  const table = engine.tensors;
  let losses: readonly number[] = [];
  const train = async (): Promise<TensorTable> => {
    const { progress } = await trainRound(
      {
        engine,
        optimiser: own.optimiser,
        sampler: run.sampler(who, round),
        clock: { nowMs: () => 0 },
        turn: run.turn ?? (async () => {}),
      },
      { round, base, steps, stepsBefore: round * run.steps, isReset: run.isReset },
    );
    losses = progress.losses;
    return progress.parameters;
  };
  if (trainer.cheat !== undefined) {
    const turn = { round, header, codec, engine, base, decay, residual: own.residual, before, train };
    return { upload: await trainer.cheat(turn), losses };
  }
  const input = { header, codec, table, base, trained: await train(), residual: own.residual, decay };
  const { bytes, residual } = makeUpdate(input);
  const isLost = trainer.isLost?.(round) === true;
  own.residual = isLost ? takeBack(table, residual, decodeUpdate(bytes, codec, table)) : residual;
  return { upload: isLost ? null : bytes, losses };
}

type Received = Pick<TrainerEvidence, 'reason'> & { readonly update: Update | null };

function receive(run: SimulatedRun, upload: Uint8Array | null, round: number, base: Uint8Array): Received {
  if (upload === null) return { update: null, reason: 'missing' };
  let update: Update;
  try {
    update = decodeUpdate(upload, run.codec, run.engine.tensors);
  } catch {
    return { update: null, reason: 'malformed' };
  }
  const isCurrent =
    update.header.round === round && update.header.base.every((byte, at) => byte === base[at]);
  return isCurrent ? { update } : { update: null, reason: 'stale' };
}

async function gather(
  run: SimulatedRun,
  judge: SimulatedJudge,
  state: RunState,
  received: readonly Received[],
  before: readonly Uint8Array[],
  round: number,
): Promise<TrainerEvidence[]> {
  const { engine, codec } = run;
  const present = received.flatMap(({ update }, who) => (update === null ? [] : [{ who, update }]));
  const improvements = await measureUpdates(engine, {
    table: engine.tensors,
    weights: state.weights,
    learningRate: run.rule.learningRate,
    updates: present.map(({ update }) => update),
    assigned: present.map(({ who }) => judge.assigned(who, round)),
    unseen: judge.unseen(round),
    ...(judge.slope === undefined ? {} : { slope: judge.slope(round) }),
  });
  const old = before.flatMap((bytes) => {
    try {
      return [decodeUpdate(bytes, codec, engine.tensors)];
    } catch {
      return [];
    }
  });
  return received.map(({ update, reason }, who) => {
    const place = present.findIndex((one) => one.who === who);
    const others = [...present.slice(0, Math.max(0, place)).map((one) => one.update), ...old];
    return {
      trainer: run.trainers[who]!.name,
      improvement: place === -1 ? null : improvements[place]!,
      ...(reason === undefined ? {} : { reason }),
      steps: (run.trainers[who]!.steps ?? run.steps) / run.steps,
      overlap: update === null ? 0 : Math.max(0, ...others.map((other) => overlapOf(update, other))),
    };
  });
}

const RUN = new Uint8Array(32).fill(1);

/** Hash of all weights. */
export function rootOf(crypto: Crypto, weights: TensorTable): Uint8Array {
  const hashes = Array.from(weights.values(), (values) =>
    crypto.sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  const whole = new Uint8Array(hashes.length * 32);
  for (const [index, hash] of hashes.entries()) whole.set(hash, index * 32);
  return crypto.sha256(whole);
}
