/**
 * Contracts on wires and the ports where rooms meet.
 *
 * @module
 */

export { bitmapOf, hasPlace, MAX_INNER_STEPS, MISSED_ROUNDS_LIMIT } from '@cairn/ledger';
export { type ConsensusResult, resultCode, resultsHash, transactionsHash } from './consensus/block-data.ts';
export {
  type BlockId,
  type ConsensusHeader,
  type ConsensusTime,
  headerHash,
} from './consensus/block-header.ts';
export { consensusChainId } from './consensus/chain-id.ts';
export {
  type Commit,
  type CommitSignature,
  commitHash,
  MAX_VALIDATORS,
  type VoteFlag,
  voteSignBytes,
} from './consensus/commit.ts';
export { type LightBlock, lightBlockShape } from './consensus/light-block.ts';
export { merkleRoot } from './consensus/merkle.ts';
export {
  type ConsensusValidator,
  consensusAddress,
  sortValidators,
  validatorsHash,
} from './consensus/validator-set.ts';
export { ProtocolError, type ProtocolProblem } from './errors.ts';
export type { AnswerFormat, AnswerShape, ToolCall, ToolSpec } from './ports/answer-shape.ts';
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
export type { BlobStore } from './ports/blob-store.ts';
export type { ConsensusEngine, Timer } from './ports/consensus-engine.ts';
export type {
  AnswerReview,
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
  ReviewRequest,
  SelfTestCase,
  SelfTestResult,
  TokenLogprob,
  TokenReview,
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
export type { RecordStore } from './ports/record-store.ts';
export type {
  CaseView,
  ChallengedStep,
  JudgeLedger,
  PaidRoundView,
  PublisherLedger,
  RosterView,
  RoundView,
  RunLedger,
  RunReader,
  RunView,
  SeatView,
  TrainerLedger,
  WalletRunLedger,
} from './ports/run-ledger.ts';
export {
  CODE_KINDS,
  type CodeKind,
  SANDBOX_FAULTS,
  type Sandbox,
  type SandboxCall,
  type SandboxCode,
  type SandboxFault,
  type SandboxInstance,
  type SandboxResult,
} from './ports/sandbox.ts';
export {
  IMAGE_UNITS,
  type Task,
  type TaskKind,
  taskItems,
  taskPromptTokens,
  taskUnits,
} from './ports/task.ts';
export type {
  TensorShape,
  TensorTable,
  TrainingBatch,
  TrainingEngine,
  TrainingStep,
} from './ports/training-engine.ts';
export {
  type DialOptions,
  MAX_FRAME_BYTES,
  type PeerName,
  type Stream,
  type StreamHandler,
  type Transport,
} from './ports/transport.ts';
export { isSealedPiece } from './seal/chunks.ts';
export {
  PRIVACY_TEXTS,
  type PrivacyLevel,
  type PrivacySummary,
  type PrivacyText,
  privacyLevelOf,
  summarizePrivacy,
} from './seal/privacy-level.ts';
export { type Aead, createPureSealCrypto, type SealCrypto } from './seal/seal-crypto.ts';
export {
  MAX_SEALED_REQUEST_BYTES,
  type OpenedRequest,
  openRequest,
  type SealBinding,
  type SealedRequest,
  sealRequest,
} from './seal/sealed-request.ts';
export { openReads, sealWrites } from './seal/sealed-streams.ts';
export {
  bestSuite,
  createSealingKey,
  SEAL_RANDOM_BYTES,
  type SealingKey,
  type SealingPublicKeys,
  type SealSuite,
} from './seal/sealing-key.ts';
export { sealedPieceOf, shownFrameOf, showWrites } from './seal/shown-streams.ts';
export {
  BLOB_PROTOCOL,
  type BlobFrame,
  decodeBlobFrame,
  decodeWantFrame,
  encodeBlobFrame,
  MAX_BLOB_BYTES,
  MAX_BLOB_PART_BYTES,
  type WantFrame,
} from './wire/blob-frame.ts';
export {
  type CallAnswer,
  type CallBody,
  decodeCallAnswer,
  decodeCallBody,
  encodeCallAnswer,
  encodeCallBody,
  hashCallParams,
  inputUnits,
  MAX_CALL_ANSWER_BYTES,
  MAX_CALL_BYTES,
} from './wire/call-body.ts';
export {
  CALL_ERROR_CODES,
  CALL_PROTOCOL,
  type CallErrorCode,
  type CallServerFrame,
  decodeCallFrame,
  encodeCallFrame,
  MAX_CALL_PART_BYTES,
} from './wire/call-frame.ts';
export {
  CHUNK_BYTES,
  CHUNK_PROTOCOL,
  type ChunkFrame,
  decodeChunkFrame,
  decodeWantChunkFrame,
  encodeChunkFrame,
  MAX_CHUNK_PATH,
  MAX_CHUNKS,
  type WantChunkFrame,
} from './wire/chunk-frame.ts';
export { pathInTree, rootByPath, treeLevels } from './wire/chunk-tree.ts';
export {
  COUNTERSIGNED_PROTOCOL,
  type CountersignedFrame,
  decodeCountersignedFrame,
  decodeWantCountersignedFrame,
  encodeCountersignedFrame,
  MAX_WANTED_REQUESTS,
  type WantCountersignedFrame,
} from './wire/countersigned-frame.ts';
export {
  DATASET_ERROR_CODES,
  DATASET_PROTOCOL,
  DATASET_SAMPLE_PROTOCOL,
  type DatasetBody,
  type DatasetErrorCode,
  type DatasetServerFrame,
  decodeDatasetBody,
  decodeDatasetFrame,
  decodeSampleFrame,
  decodeWantSample,
  encodeDatasetBody,
  encodeDatasetFrame,
  encodeSampleFrame,
  hashDatasetParams,
  type SampleFrame,
  type WantSampleFrame,
} from './wire/dataset-frame.ts';
export {
  type BadChunk,
  badChunkShape,
  CHUNK_SALT_BYTES,
  type ChunkSale,
  chunkSaleShape,
  chunkSaleSignBytes,
  datasetChunkBytes,
  datasetLeaf,
  isBadChunk,
  openChunk,
  type SignedChunkSale,
  sealChunk,
  signedChunkSaleShape,
  verifyChunkSale,
} from './wire/dataset-sale.ts';
export { GATHER_MS, type GatherOptions, gatherDeltas, joinDeltas } from './wire/gather-deltas.ts';
export {
  decodeHubFrame,
  decodeHubUserFrame,
  decodeShownFrame,
  encodeHubFrame,
  HUB_ERROR_CODES,
  HUB_PROTOCOL,
  type HubErrorCode,
  type HubFrame,
  type HubUserFrame,
  type HubWantFrame,
  type ShownFrame,
  type WayFrame,
} from './wire/hub-frame.ts';
export {
  decodeInferBody,
  encodeInferBody,
  hashInferParams,
  type InferBody,
  type InferParams,
  inferBodyToRequest,
  mostBodyTokens,
  mostPromptTokens,
} from './wire/infer-body.ts';
export {
  type AcceptedFrame,
  type ClientFrame,
  type DeltaFrame,
  decodeClientFrame,
  decodeServerFrame,
  encodeFrame,
  INFER_ERROR_CODES,
  INFER_PROTOCOL,
  type InferErrorCode,
  inferSignBytes,
  MAX_MISSED_RECEIPTS,
  type OpenFrame,
  type SealedOpenFrame,
  type ServerFrame,
  type UsageFrame,
} from './wire/infer-frame.ts';
export { MAX_INFER_BODY_BYTES } from './wire/infer-limits.ts';
export {
  decodeSignedLoad,
  encodeSignedLoad,
  LOAD_PROTOCOL,
  type Load,
  loadSignBytes,
  type SignedLoad,
  verifyLoad,
} from './wire/load.ts';
export {
  type CountersignedReceipt,
  countersignedReceiptShape,
  decodeSignedReceipt,
  previousReceiptOf,
  RECEIPT_FINISH_REASONS,
  type Receipt,
  type ReceiptFinishReason,
  receiptId,
  receiptShape,
  receiptSignBytes,
  type SignedReceipt,
  type SignedVoucher,
  signedReceiptShape,
  signedVoucherShape,
  verifyCountersigned,
  verifyReceipt,
} from './wire/receipt.ts';
export {
  decodeForwardFrame,
  decodeRelayAnswerFrame,
  encodeRelayFrame,
  type ForwardFrame,
  RELAY_ERROR_CODES,
  RELAY_PROTOCOL,
  type RelayAnswerFrame,
  type RelayErrorCode,
} from './wire/relay-frame.ts';
export { logprobRoot, NO_ROOT, responseHashOf, tokenIdsRoot } from './wire/roots.ts';
export { MAX_IMAGES, MAX_SCHEMA_CHARACTERS, MAX_TASK_TEXTS, MAX_TOOLS } from './wire/shape-readers.ts';
export {
  createToolTextReader,
  TASK_ITEM_START,
  type ToolTextPart,
  taskTextToItems,
  toolCallHead,
  withoutToolMarks,
} from './wire/tool-text.ts';
export { type ArtifactTotals, addToTotals, areTotalsEqual, doTotalsGrow } from './wire/totals.ts';
export {
  formatTraceparent,
  nextContext,
  parseTraceparent,
  type TraceContext,
} from './wire/trace-context.ts';
export {
  type Decimal,
  decodeRunManifest,
  encodeRunManifest,
  findManifestFault,
  type InnerOptimiser,
  MAX_RUN_DATA,
  MAX_RUN_MANIFEST_BYTES,
  type ManifestData,
  type ModelShape,
  type OuterOptimiser,
  type RunManifest,
  type Tolerance,
} from './wire/training-manifest.ts';
