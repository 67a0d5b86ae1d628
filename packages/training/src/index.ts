/**
 * Pre-training models together: rounds, updates, scores, checkpoints and the formats they are kept in. This door opens
 * in Node and in browsers; what needs Node (native engines, files) is behind `@cairn/training/node`.
 */

export { aggregateUpdates, MAX_CONTRIBUTORS } from './aggregate/aggregate.ts';
export { type CatchUpParts, catchUp, type LoggedRound } from './aggregate/catch-up.ts';
export { applyRound, type OuterRule, type RunState, stepOuter } from './aggregate/outer-step.ts';
export {
  createRoundPipeline,
  type RoundPipeline,
  type RoundPipelineOptions,
} from './aggregate/round-pipeline.ts';
export { type AccumulationOptions, accumulateGradients } from './compute/engine/accumulate.ts';
export {
  createExactEngine,
  type ExactEngineOptions,
  type ExactEngineParts,
  exactEngineClass,
} from './compute/engine/exact.ts';
export type { MemoryForecast } from './compute/engine/memory.ts';
export {
  createOrtEngine,
  type OrtEngine,
  type OrtEngineOptions,
  type OrtEngineParts,
} from './compute/engine/ort-engine.ts';
export type { OrtModule } from './compute/engine/ort-module.ts';
export { type AdapterConfig, adapterNames, adapterTensors } from './compute/model/adapter.ts';
export type { BatchShape, ModelConfig } from './compute/model/model-config.ts';
export { buildModelGraph, type GraphPurpose, type ModelGraphOptions } from './compute/model/model-graph.ts';
export { countParameters, modelTensors, sizeOf } from './compute/model/tensors.ts';
export {
  type DataIndex,
  dataIndexShape,
  dataRootOf,
  decodeDataIndex,
  encodeDataIndex,
  SHARD_TOKENS,
  samplesOf,
} from './data/data-index.ts';
export { cutText, type Document, parseLine } from './data/documents.ts';
export {
  type DataFacts,
  type DataSource,
  type PreparedData,
  type PrepareOptions,
  prepareData,
} from './data/prepare-data.ts';
export { type BatchRange, batchesOf } from './data/ranges.ts';
export type { DataSet, SetWriterParts } from './data/set-writer.ts';
export {
  createTokenBatches,
  type TokenBatches,
  type TokenBatchOptions,
  type TokenBatchParts,
} from './data/token-batches.ts';
export { TrainingError, type TrainingProblem } from './errors.ts';
export { createAdapterWeights } from './local/adapter-weights.ts';
export {
  createLocalTrainer,
  type LocalProgress,
  type LocalTrainer,
  type LocalTrainerOptions,
  type LocalTrainerParts,
} from './local/local-trainer.ts';
export { readProgress, writeProgress } from './local/progress-file.ts';
export {
  checkTrainerMemory,
  forecastTrainer,
  forecastTraining,
  type MemoryAtHand,
  type TrainerForecast,
} from './machine/forecast.ts';
export { createInnerOptimiser } from './machine/inner-optimiser.ts';
export {
  createRunMachine,
  type MachineParts,
  type MachineTask,
  type MeasuredUpdate,
  type RootedState,
  type RunData,
  type RunMachine,
  type TrainedRound,
} from './machine/machine.ts';
export { openRunData, type RunDataParts, readDataIndex, shardsOfIndex } from './machine/run-data.ts';
export { planOf, type RunPlan } from './machine/run-plan.ts';
export {
  initialState,
  listStatePages,
  stateRootOf,
  stateTensors,
  stateToTensors,
  tensorsToState,
  tensorsToUnits,
  unitsToTensors,
} from './machine/run-state.ts';
export { type Adamw, type AdamwOptions, createAdamw, OPTIMISER_VERSION } from './optimise/adamw.ts';
export {
  portableCosine,
  portableExp,
  portableLog,
  portablePower,
  portableSine,
} from './optimise/portable-math.ts';
export { learningRateAt, type ScheduleOptions } from './optimise/schedule.ts';
export { malformed as malformedRecipe } from './recipe/fields.ts';
export { END_OF_TEXT, isLicence, type SourceRecipe, type TokenizerRecipe } from './recipe/read-data.ts';
export type { BatchRecipe, ModelRecipe } from './recipe/read-model.ts';
export type { InnerRecipe, OuterRecipe } from './recipe/read-optimiser.ts';
export type { ParentRecipe } from './recipe/read-parent.ts';
export { RELEASE_TYPES, type ReleaseRecipe, type ReleaseType } from './recipe/read-release.ts';
export type { ToleranceRecipe } from './recipe/read-tolerance.ts';
export {
  MAX_RECIPE_BYTES,
  modelOf,
  parentOfRecipe,
  parseRecipe,
  type Recipe,
  readRecipe,
} from './recipe/recipe.ts';
export type { ReleaseCard, ReleasedFile } from './release/card.ts';
export {
  createRelease,
  ggufFileOf,
  type Release,
  type ReleaseInput,
  type ReleaseParts,
} from './release/create-release.ts';
export type {
  ReleasedData,
  ReleasedEvaluation,
  ReleasedOrigin,
  ReleasedParent,
  ReleasedReplay,
  ReleasedRun,
  ReleaseFacts,
} from './release/facts.ts';
export { readConfig } from './release/read-config.ts';
export {
  type CalibrationParts,
  type CalibrationTask,
  measureDistances,
} from './replay/calibrate.ts';
export { claimedChange, isSentByRule, type SentChange } from './replay/claimed-change.ts';
export { type ClaimedUpdate, compareUpdate, type UpdateComparison } from './replay/compare-update.ts';
export {
  type DoubtedStep,
  type ReplayParts,
  type ReplayVerdict,
  replayStep,
  type ShownStep,
} from './replay/replay-step.ts';
export { replayUpdate, type UpdateVerdict } from './replay/replay-update.ts';
export { boundsOf, toleranceClass } from './replay/tolerance.ts';
export {
  type ChangeDistance,
  type ChangeTable,
  calibrateBounds,
  changeDistance,
  isWithin,
  MOST_RELATIVE,
  type ToleranceBounds,
} from './replay/tolerant.ts';
export type { InnerOptimiser, RoundSampler } from './round/inner-parts.ts';
export { makeUpdate, type UpdateInput } from './round/make-update.ts';
export { progressFromBytes, progressToBytes } from './round/progress-bytes.ts';
export { type Digest, type InnerState, stateHash } from './round/state-hash.ts';
export { type Allocate, createStateHasher, type StateHasher } from './round/state-hasher.ts';
export { isInTrace, traceProof, traceRoot } from './round/trace.ts';
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
export { acceptedOf } from './session/accepted-updates.ts';
export { type BlobsOfRound, type BlobUse, holderOf, readHolder } from './session/blob-holder.ts';
export { isMalformed } from './session/compare-place.ts';
export type { RunCompute, TrainOptions } from './session/compute-port.ts';
export { findPath, type WeightPath } from './session/find-path.ts';
export { type FollowParts, followRun } from './session/follow-run.ts';
export { createSeatKeeper } from './session/keep-seat.ts';
export { isWaitOver } from './session/patience.ts';
export { rehearseRun } from './session/rehearse-run.ts';
export { type Residual, residualOf } from './session/residual-rule.ts';
export {
  bringStart,
  type PlacedRound,
  placesOfRound,
  type RoundPlace,
  type RoundStart,
} from './session/round-places.ts';
export { type CommittedPlace, fetchResidual, fetchRoundUpdates, updatesOf } from './session/round-updates.ts';
export {
  type OpenComputeOptions,
  type OpenedCompute,
  openRunCompute,
  type RunComputeParts,
} from './session/run-compute.ts';
export {
  openRunDesk,
  type RunDesk,
  type RunDeskParts,
  type RunLibrary,
} from './session/run-desk.ts';
export type {
  ComparedPlace,
  ComparePlace,
  MeasureUpdates,
  NamedUpdate,
  OpenedRun,
  PausedPlace,
  RoundUpdates,
  StepProgress,
  TrainedPlace,
  TrainPlace,
  WantedBlob,
} from './session/run-shapes.ts';
export { createCaseTeller } from './session/tell-cases.ts';
export { createTrainer, type Trainer, type TrainerParts, type TrainerProgress } from './session/trainer.ts';
export { openTrainerRecords, type TrainedRecord, type TrainerRecords } from './session/trainer-record.ts';
export {
  ASSISTANT_MARK,
  CHAT_TEMPLATE,
  type ChatMessage,
  type ChatTokens,
  encodeChat,
  encodeQuestion,
  USER_MARK,
} from './tokenizer/chat-template.ts';
export type { LongWork } from './tokenizer/count-words.ts';
export { createTokenizer, type Tokenizer, type TokenizerModel } from './tokenizer/tokenizer.ts';
export { parseTokenizerJson, writeTokenizerJson } from './tokenizer/tokenizer-json.ts';
export {
  type ByteTokenizerOptions,
  trainByteTokenizer,
  trainCharacterTokenizer,
} from './tokenizer/train-tokenizer.ts';
export { changeOf, emptyResidual, type Units } from './update/change.ts';
export { decodeUpdate, maxUpdateBytes } from './update/decode-update.ts';
export { type Encoded, encodeUpdate } from './update/encode-update.ts';
export type { DenseTensor, SparseTensor, Update, UpdateCodec, UpdateHeader } from './update/format.ts';
export { takeBack } from './update/take-back.ts';
export { type AdapterDescription, writeAdapterGguf } from './weights/adapter-gguf.ts';
export { createInitialWeights } from './weights/initial-weights.ts';
export { type GgufDescription, writeModelGguf } from './weights/model-gguf.ts';
export {
  assembleWeights,
  decodePageList,
  encodePageList,
  listNameOf,
  listPages,
  PAGE_BYTES,
  type PageList,
  type PagePlace,
  pageListShape,
  placePages,
  readPage,
  type WeightAssembly,
  weightRootOf,
} from './weights/pages.ts';
export { readPageList, readTensors } from './weights/read-pages.ts';
export { readSafetensors, type SafetensorsFile, writeSafetensors } from './weights/safetensors.ts';
