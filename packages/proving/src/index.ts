/**
 * Benches, simulations and conformance: what is claimed about the network, measured.
 *
 * @module
 */
export type { AttackRow } from './attacks/attack.ts';
export { ATTACK_HEADERS, attackCells, attackNotes, attacksReport, attacksSummary } from './attacks/report.ts';
export { type AttacksOptions, simulateAttacks } from './attacks/simulate-attacks.ts';
export {
  benchChain,
  type ChainBenchOptions,
  type ChainBenchResult,
  type ChainKindResult,
} from './bench/chain.ts';
export { benchEconomy, type EconomyBenchOptions } from './bench/economy.ts';
export { type BenchFigure, figureOf } from './bench/figure.ts';
export {
  BENCH_CHUNKS,
  BENCH_KEY,
  BENCH_MODEL,
  benchWord,
  STREAMED,
  WHOLE_TEXT,
  WHOLE_TOKENS,
} from './bench/gateway/answers.ts';
export { answerBench, benchGiven } from './bench/gateway/child.ts';
export { connectToSocket, listenOnSocket } from './bench/gateway/socket-transport.ts';
export { benchGateway, type GatewayBenchOptions } from './bench/gateway.ts';
export { benchJoin, type JoinBenchOptions } from './bench/join.ts';
export { benchLedger, type LedgerBenchOptions } from './bench/ledger.ts';
export { benchSeal, type SealBenchOptions, type SealBenchParts } from './bench/seal.ts';
export type { BenchTiming } from './bench/timing.ts';
export { benchCodec } from './bench/train/codec.ts';
export {
  measureNanogpt,
  NANOGPT_PARTS,
  NANOGPT_RECIPE,
  type NanogptOptions,
  type NanogptPart,
  type NanogptRun,
  type NanogptSummary,
  summariseNanogpt,
  TRAINING_FILE,
  type TrainTogether,
} from './bench/train/nanogpt.ts';
export { benchOverhead } from './bench/train/overhead.ts';
export {
  measureRelations,
  RELATIONS_PRESET,
  type Relation,
  type RelationRow,
  type RelationRun,
  type RelationsOptions,
  relationsOf,
} from './bench/train/relations.ts';
export { benchSteps, type StepBench, type StepBenchOptions } from './bench/train/step.ts';
export { benchYuma, benchYumaSize, type YumaBenchOptions } from './bench/yuma.ts';
export {
  type CalibrateOptions,
  type CalibrateResult,
  type CalibrationSummary,
  calibrateModel,
  describeCalibration,
} from './cheats/calibrate-model.ts';
export { CHEATS_HEADERS, cheatCells, cheatNotes } from './cheats/report.ts';
export {
  type CheatRow,
  type CheatsOptions,
  type CheatsResult,
  simulateCheats,
} from './cheats/simulate-cheats.ts';
export type {
  ConformanceCase,
  ConformanceCounts,
  ConformanceFailure,
  ConformanceReport,
  Tolerance,
} from './conformance/case.ts';
export { loadConformanceCases, parseConformanceCases } from './conformance/load-cases.ts';
export { CONFORMANCE_KINDS, runConformance } from './conformance/run-conformance.ts';
export { type Replay, replayBlocks } from './crash/replay.ts';
export { type CrashTestOptions, type CrashTestResult, runCrashTest } from './crash/run-crash-test.ts';
export { ECONOMY_HEADERS, economyCells } from './economy/report.ts';
export {
  type EconomyOptions,
  type EconomyResult,
  type RuleSummary,
  simulateEconomy,
} from './economy/simulate-economy.ts';
export { ProvingError, type ProvingProblem } from './errors.ts';
export { type SimulationOptions, type SimulationResult, simulateLedger } from './simulation/simulate.ts';
