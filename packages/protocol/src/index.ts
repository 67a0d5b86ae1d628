/**
 * Contracts on wires and the ports where rooms meet.
 *
 * @module
 */
export type {
  Application,
  ApplicationInfo,
  CheckedTransaction,
  CheckResult,
  FinalizedBlock,
  ProofAnswer,
  ProposalRequest,
  QueryAnswer,
} from './ports/application.ts';
export type { ConsensusEngine, Timer } from './ports/consensus-engine.ts';
export type {
  ChatMessage,
  EngineCapabilities,
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  InferenceEngine,
  LoadedModel,
  LoadOptions,
  ModelFile,
  Prompt,
  SelfTestCase,
  SelfTestResult,
  TokenLogprob,
} from './ports/inference-engine.ts';
export type { EventFilter, LedgerReader } from './ports/ledger-reader.ts';
export type {
  BlockHeaderView,
  BlockView,
  EventView,
  InclusionResult,
  LedgerStatus,
  ProofView,
  SubmitResult,
  TransactionView,
} from './ports/ledger-views.ts';
export type { LedgerWriter } from './ports/ledger-writer.ts';
export {
  type Admission,
  type AuditedRow,
  type Challenge,
  type ChallengeInput,
  type DataReader,
  type DataRef,
  FX_ONE,
  type Fx,
  type Mechanism,
  type MechanismCadence,
  type MechanismContext,
  type MechanismManifest,
  type ServiceMechanism,
  type ServiceRequest,
  type TaskScore,
} from './ports/mechanism.ts';
