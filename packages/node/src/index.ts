/**
 * Where the parts meet the world: roles, configuration, lifecycle, servers.
 *
 * @module
 */

export { type Child, createNativeCrypto, createNativeEd25519Signer, startChild } from '@cairn/chain';
export {
  createLlamaEngine,
  digestFile,
  discoverUpstreams,
  downloadFile,
  findEnginePackages,
  inspectMachine,
  type MachineReport,
  type ModelSource,
  parseModelSource,
  placeEnginePackages,
  readGgufFile,
  type UpstreamServer,
} from '@cairn/engines';
export { createGateway, type GatewayParts } from '@cairn/gateway';
export type { TrainerProgress } from '@cairn/training';
export { checkQuote, MAX_QUOTE_BYTES, type QuoteCheck } from './attestation/check-quote.ts';
export { VENDOR_ROOTS, type VendorRoots } from './attestation/vendor-roots.ts';
export type { WeightsAudit } from './audit/audit-evidence.ts';
export { type ChainNode, type ChainNodeOptions, startChainNode } from './chain/chain-node.ts';
export { localChainIdOf } from './chain/local-chain-id.ts';
export { provideCometbft } from './chain/provide-cometbft.ts';
export { type ReplayRecordingOptions, replayRecording } from './chain/replay-recording.ts';
export {
  initLocalNodes,
  initNode,
  joinNode,
  type LocalNode,
  type NewNetwork,
  type NodeSetUp,
  type SetUpParts,
  showNode,
} from './chain/set-up-node.ts';
export { stateSyncOf } from './chain/state-sync.ts';
export { type Config, type ConfigInput, createConfig, type SettingSource } from './config/config.ts';
export { environmentName, readEnvironment } from './config/environment.ts';
export {
  SECRET_SETTINGS,
  SETTING_NAMES,
  SETTINGS,
  type SettingDefinition,
  type SettingName,
  type Settings,
} from './config/table.ts';
export { readJsonFile } from './data/data-folder.ts';
export { writeFileDurably } from './data/durable-file.ts';
export { openRecordStore } from './data/record-store.ts';
export { findRoleHotkey, listRoles } from './data/role-keys.ts';
export { type ReadBadChunk, readBadChunk } from './datasets/read-bad-chunk.ts';
export { NodeError, type NodeProblem } from './errors.ts';
export { type KeptTrust, loadKeptTrust, openTrustStore } from './light/kept-trust.ts';
export { ENGINE_KINDS, type EngineModel, MANAGED_ENGINES, type ManagedKind } from './managed/engine-kinds.ts';
export { type FoundEngine, findEngine } from './managed/find-engine.ts';
export { type EngineState, type ManagedEngine, startManagedEngine } from './managed/managed-engine.ts';
export { type MemberNode, startMemberNode } from './member/member-node.ts';
export type { MemberOptions, MemberStep } from './member/member-place.ts';
export { createMiner } from './miner/miner.ts';
export { createPayee } from './miner/payee.ts';
export { type BundledModels, readBundledModels } from './models/bundled.ts';
export { systemClock, systemRandom } from './real/clock.ts';
export { createLogger, type LoggerOptions } from './real/logger.ts';
export { systemTimer } from './real/timer.ts';
export { createLedgerRpc } from './rpc/ledger-rpc.ts';
export { type WrittenAdapter, writeAdapter } from './training/adapter/write-adapter.ts';
export {
  type LoopbackRun,
  type LoopbackRunOptions,
  trainOnLoopback,
} from './training/loopback/train-on-loopback.ts';
export { type LocalNetwork, type LocalNetworkOptions, startLocalNetwork } from './up/local-network.ts';
export type { PanelAnswer, PanelData, PanelMiner, PanelValidator } from './up/panel.ts';
export type { UpStep } from './up/progress.ts';
