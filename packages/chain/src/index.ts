/**
 * Block production, mempool and the durable store.
 *
 * @module
 */
export type { AbciHandlers } from './abci/handlers.ts';
export {
  type AbciServer,
  type AbciServerOptions,
  type AbciServerParts,
  startAbciServer,
} from './abci/server.ts';
export {
  type ApplicationOptions,
  type ApplicationParts,
  createApplication,
} from './application/application.ts';
export type { BlockLog, LoggedBlock, LoggedResult, TransactionPlace } from './blocks/block-log.ts';
export type { Header, Seal } from './blocks/header.ts';
export {
  COMETBFT_PACKAGE,
  COMETBFT_VERSION,
  type FindCometbftOptions,
  findCometbft,
} from './comet/binary.ts';
export { type Child, type ChildEnd, environmentOfOthers, startChild } from './comet/child.ts';
export type { CometEngine } from './comet/comet-engine.ts';
export type { CometConfig } from './comet/config.ts';
export { cometChainId } from './comet/genesis.ts';
export { type CometKeys, writeCometHome } from './comet/home.ts';
export { nodeIdOf } from './comet/keys.ts';
export type { ReadAnswer, ReadRpc } from './comet/read-rpc.ts';
export type { CometAnswer, CometRpc } from './comet/rpc.ts';
export { createNativeCrypto, type NativeCryptoOptions } from './crypto/native-crypto.ts';
export { createNativeSealCrypto } from './crypto/native-seal-crypto.ts';
export { createNativeEd25519Signer } from './crypto/native-signer.ts';
export { ChainError, type ChainProblem } from './errors.ts';
export type { Mempool, MempoolOptions } from './mempool/mempool.ts';
export { type Chain, type ChainOptions, type ChainParts, openChain } from './open-chain.ts';
export {
  type CometChain,
  type CometChainOptions,
  type CometChainParts,
  openCometChain,
  type StateSyncOptions,
} from './open-comet-chain.ts';
export type { TakenSnapshot } from './snapshots/open-snapshots.ts';
export { createManualTime, type ManualTime } from './solo/manual-time.ts';
export { type RecordedReplay, type ReplayRecordedOptions, replayRecorded } from './solo/replay-recorded.ts';
export type { SoloEngine, SoloEngineOptions } from './solo/solo-engine.ts';
export {
  type ChainState,
  type ChainStateOptions,
  type ChainStateParts,
  openChainState,
} from './store/chain-state.ts';
export { openLmdbStore } from './store/lmdb-store.ts';
export { createMemoryStore } from './store/memory-store.ts';
export type { FrozenStore, ReplaceableStore, Store, StoreChange } from './store/store.ts';
export { createThreadedVerifier, type ThreadedVerifierOptions } from './verify/threaded-verifier.ts';
export { createInlineVerifier, type Verifier } from './verify/verifier.ts';
