/**
 * Pre-training models together: rounds, updates, scores, checkpoints and the formats they are kept in. This door opens
 * in Node and in browsers; what needs Node (native engines, files) is behind `@cairn/training/node`.
 */
export { aggregateUpdates, MAX_CONTRIBUTORS } from './aggregate/aggregate.ts';
export { type CatchUpParts, catchUp, type LoggedRound } from './aggregate/catch-up.ts';
export { applyRound, type OuterRule, type RunState, stepOuter } from './aggregate/outer-step.ts';
export { TrainingError, type TrainingProblem } from './errors.ts';
export {
  type DoubtedStep,
  type ReplayParts,
  type ReplayVerdict,
  replayStep,
  type ShownStep,
} from './replay/replay-step.ts';
export { replayUpdate, type UpdateVerdict } from './replay/replay-update.ts';
export {
  type ChangeDistance,
  calibrateBounds,
  changeDistance,
  isWithin,
  type ToleranceBounds,
} from './replay/tolerant.ts';
export { adaptiveDeadlineMs, type DeadlineBounds, quorumOf } from './round/deadline.ts';
export type { InnerOptimiser, RoundSampler } from './round/inner-parts.ts';
export { makeUpdate, type UpdateInput } from './round/make-update.ts';
export { progressFromBytes, progressToBytes } from './round/progress-bytes.ts';
export { type Digest, type InnerState, isInTrace, stateHash, traceProof, traceRoot } from './round/trace.ts';
export {
  type RoundHooks,
  type RoundOutcome,
  type RoundParts,
  type RoundProgress,
  type RoundTask,
  trainRound,
} from './round/train-round.ts';
export {
  type Judgement,
  judgeRound,
  type RefusalReason,
  type RoundJudgement,
  scoresToU16,
  type TrainerEvidence,
} from './score/judge-round.ts';
export { type Improvement, type MeasureTask, measureUpdates } from './score/measure-updates.ts';
export { overlapOf } from './score/overlap.ts';
export { loadSkillModel, type RateSkills, type Skill } from './score/skill.ts';
export { NEW_RECORD, type ScoreFactors, type TrainerRecord } from './score/trainer-record.ts';
export { changeOf, emptyResidual, type Units } from './update/change.ts';
export { decodeUpdate, maxUpdateBytes } from './update/decode-update.ts';
export { type Encoded, encodeUpdate } from './update/encode-update.ts';
export type { DenseTensor, SparseTensor, Update, UpdateCodec, UpdateHeader } from './update/format.ts';
export { takeBack } from './update/take-back.ts';
