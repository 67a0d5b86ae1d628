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
