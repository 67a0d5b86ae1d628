/**
 * Contracts on wires and the ports where rooms meet.
 *
 * @module
 */
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
