import {
  type AccountId,
  areBytesEqual,
  bytesToHex,
  bytesToUtf8,
  CoreError,
  compareBytes,
  utf8ToBytes,
} from '@cairn/core';
import { FX_ONE, type Fx, type TaskScore } from '@cairn/protocol';
import { MechanismError } from './errors.ts';
import {
  BUNDLE_VERSION,
  type EvidenceBundle,
  type EvidenceRow,
  MAX_MINERS,
  MAX_RECEIPT_BYTES,
  sealEvidence,
} from './evidence/bundle.ts';
import {
  blendScore,
  checkScoringRules,
  type ScoringRules,
  type ShapedScore,
  scoresToWeights,
  shapeScores,
  type Weights,
} from './scoring/shape.ts';
import {
  MAX_RESPONSE_BYTES,
  type ServiceParts,
  type ServiceRunner,
  type ServiceTask,
} from './service-tasks.ts';

/** One validator's epoch: what fixes its tasks and how they are paid. */
export interface EpochPlan {
  readonly netuid: number;
  /** Number of the mechanism on the subnet. @default 0 */
  readonly mechanismIndex?: number;
  readonly epoch: bigint;
  readonly validator: AccountId;
  readonly epochSeed: Uint8Array;
  /** Secret until the reveal. */
  readonly salt: Uint8Array;
  /** Parameters of the mechanism, as SSZ bytes. */
  readonly params: Uint8Array;
  readonly rules: ScoringRules;
  /** Root and smoothed scores of the validator's bundle before this one; null for its first. */
  readonly previous: { readonly root: Uint8Array; readonly scores: readonly CarriedScore[] } | null;
  readonly miners: readonly { readonly uid: number; readonly miner: AccountId }[];
}

export interface CarriedScore {
  readonly miner: AccountId;
  readonly score: Fx;
}

/**
 * What a miner sent back for one task. A missing answer is simply not listed, and one without a valid receipt
 * counts as missing: list only what has been checked, or the audit blames the validator. What is larger than
 * evidence holds counts as missing too.
 */
export interface CollectedAnswer {
  readonly uid: number;
  readonly taskIndex: number;
  readonly response: string;
  /** The signed receipt, opaque here. */
  readonly receipt: Uint8Array;
}

export interface EpochScore {
  readonly uid: number;
  readonly miner: AccountId;
  /** Mean over the tasks. */
  readonly mean: Fx;
  /** Compared with the best of this epoch. */
  readonly relative: Fx;
  /** Moving average of `relative`; the weights are in proportion to it. */
  readonly smoothed: Fx;
}

export interface EpochOutcome {
  /** By uid. */
  readonly scores: readonly EpochScore[];
  readonly weights: Weights;
  readonly bundle: EvidenceBundle;
  /** The bundle sealed under the epoch's salt: what is published, before the salt is known. */
  readonly sealed: Uint8Array;
  /** SHA-256 of `sealed`: what is committed with the weights. */
  readonly root: Uint8Array;
}

/** The epoch's tasks: the same for every miner of this validator. @throws MechanismError */
export function drawEpochTasks(
  runner: ServiceRunner,
  plan: Pick<EpochPlan, 'mechanismIndex' | 'epoch' | 'epochSeed' | 'salt' | 'params' | 'rules'>,
): readonly ServiceTask[] {
  checkScoringRules(plan.rules);
  return runner.drawTasks({ ...plan, count: plan.rules.tasks });
}

/** Scores rows task by task. Rows that answer no task of this epoch are left out. Used by validator and auditor. */
export async function scoreRows(
  tasks: readonly ServiceTask[],
  miners: readonly { readonly uid: number; readonly miner: AccountId }[],
  rows: readonly EvidenceRow[],
  rules: ScoringRules,
): Promise<readonly ShapedScore[]> {
  const minerOf = new Map(miners.map(({ uid, miner }) => [uid, miner]));
  const marks = new Map<string, Fx[]>(miners.map(({ miner }) => [bytesToHex(miner), tasks.map(() => 0n)]));
  const answers = new Map<number, { miner: AccountId; order: number; text: string }[]>();
  for (const { uid, taskIndex, isAnswered, response } of rows) {
    const miner = minerOf.get(uid);
    const text = isAnswered ? readText(response) : null;
    if (miner === undefined || text === null) continue;
    const list = answers.get(taskIndex) ?? [];
    list.push({ miner, order: uid, text });
    answers.set(taskIndex, list);
  }
  for (const task of tasks) {
    const scores: readonly TaskScore[] = await task.score(answers.get(task.index) ?? []);
    for (const { id, score } of scores) {
      const list = marks.get(bytesToHex(id));
      if (list !== undefined) list[task.index] = clamp(score);
    }
  }
  return shapeScores(
    miners.map(({ miner }) => ({ miner, scores: marks.get(bytesToHex(miner)) as Fx[] })),
    rules,
  );
}

const clamp = (score: Fx): Fx => (score < 0n ? 0n : score > FX_ONE ? FX_ONE : score);

/** Bytes that are no UTF-8 are a stranger's mistake and count as no answer. */
function readText(response: Uint8Array): string | null {
  try {
    return bytesToUtf8(response);
  } catch (error) {
    if (error instanceof CoreError) return null;
    throw error;
  }
}

/** Smoothed scores and weights from shaped scores. */
export function settleScores(
  shaped: readonly ShapedScore[],
  miners: readonly { readonly uid: number; readonly miner: AccountId }[],
  carried: readonly CarriedScore[],
  rules: ScoringRules,
): { readonly scores: readonly EpochScore[]; readonly weights: Weights } {
  const carriedOf = new Map(carried.map(({ miner, score }) => [bytesToHex(miner), score]));
  const uidOf = new Map(miners.map(({ uid, miner }) => [bytesToHex(miner), uid]));
  const scores = shaped
    .map(({ miner, mean, relative }) => ({
      uid: uidOf.get(bytesToHex(miner)) as number,
      miner,
      mean,
      relative,
      smoothed: blendScore(carriedOf.get(bytesToHex(miner)), relative, rules),
    }))
    .sort((a, b) => a.uid - b.uid);
  return {
    scores,
    weights: scoresToWeights(scores.map(({ uid, smoothed }) => ({ uid, score: smoothed }))),
  };
}

/**
 * Scores what was collected, makes weights and the evidence for them. Scoring reads the rows as they stand in
 * the bundle, so the auditor repeats exactly this.
 *
 * @throws MechanismError `BOUND_EXCEEDED` for too many miners, `PARAMS_INVALID`.
 */
export async function closeEpoch(
  parts: ServiceParts,
  runner: ServiceRunner,
  plan: EpochPlan,
  answers: readonly CollectedAnswer[],
): Promise<EpochOutcome> {
  const miners = [...plan.miners].sort((a, b) => a.uid - b.uid);
  if (miners.length > MAX_MINERS) throw exceeded('miners', miners.length, MAX_MINERS);
  const tasks = drawEpochTasks(runner, plan);
  const rows = buildRows(tasks, miners, answers);
  const carried = [...(plan.previous?.scores ?? [])]
    .filter(({ miner }) => miners.some((entry) => areBytesEqual(entry.miner, miner)))
    .sort((a, b) => compareBytes(a.miner, b.miner));
  const shaped = await scoreRows(tasks, miners, rows, plan.rules);
  const { scores, weights } = settleScores(shaped, miners, carried, plan.rules);
  const bundle: EvidenceBundle = {
    version: BUNDLE_VERSION,
    netuid: plan.netuid,
    mechanismIndex: plan.mechanismIndex ?? 0,
    epoch: plan.epoch,
    validator: plan.validator,
    epochSeed: plan.epochSeed,
    salt: plan.salt,
    mechanism: runner.manifest.id,
    mechanismVersion: runner.manifest.version,
    params: plan.params,
    rules: plan.rules,
    previousRoot: plan.previous?.root ?? new Uint8Array(32),
    carried,
    miners,
    rows,
    scores: scores.map(({ uid, mean, relative, smoothed }) => ({ uid, mean, relative, smoothed })),
    weights: weights.uids.map((uid, index) => ({ uid, value: weights.values[index] as number })),
  };
  const sealed = sealEvidence(parts.crypto, bundle);
  const root = parts.crypto.sha256(sealed);
  parts.log.debug('epoch scored', {
    netuid: plan.netuid,
    epoch: plan.epoch,
    miners: miners.length,
    tasks: tasks.length,
  });
  return { scores, weights, bundle, sealed, root };
}

function exceeded(what: string, has: number, most: number): MechanismError {
  return new MechanismError(
    { code: 'BOUND_EXCEEDED', what, has, most },
    `${has} ${what} are more than the ${most} that evidence holds.`,
  );
}

function buildRows(
  tasks: readonly ServiceTask[],
  miners: readonly { readonly uid: number }[],
  answers: readonly CollectedAnswer[],
): EvidenceRow[] {
  const found = new Map(answers.map((answer) => [`${answer.uid}/${answer.taskIndex}`, answer]));
  return miners.flatMap(({ uid }) =>
    tasks.map(({ index, requestHash }): EvidenceRow => {
      const answer = found.get(`${uid}/${index}`);
      const response = answer === undefined ? null : utf8ToBytes(answer.response);
      if (
        answer === undefined ||
        response === null ||
        response.length > MAX_RESPONSE_BYTES ||
        answer.receipt.length > MAX_RECEIPT_BYTES
      ) {
        return {
          uid,
          taskIndex: index,
          requestHash,
          isAnswered: false,
          response: new Uint8Array(0),
          receipt: new Uint8Array(0),
        };
      }
      return { uid, taskIndex: index, requestHash, isAnswered: true, response, receipt: answer.receipt };
    }),
  );
}
