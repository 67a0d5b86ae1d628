import { areBytesEqual, bytesToUtf8, type Crypto } from '@cairn/core';
import { chainIdOf, type Genesis, genesisShape, readParameters, type StateView } from '@cairn/ledger';
import { type Application, type FinalizedBlock, resultCode } from '@cairn/protocol';
import type {
  ExecTxResult,
  RequestFinalizeBlock,
  RequestInitChain,
  RequestPrepareProposal,
  RequestProcessProposal,
  ResponseCommit,
  ResponseFinalizeBlock,
  ResponseInfo,
  ResponseInitChain,
  ResponsePrepareProposal,
  ValidatorUpdate,
} from 'cosmjs-types/tendermint/abci/types';
import { type BlockLog, type LoggedBlock, loggedResult } from '../blocks/block-log.ts';
import { APP_VERSION, headerAfter } from '../blocks/header.ts';
import { cometChainId, consensusParamsOf, firstBlockMs } from '../comet/genesis.ts';
import { ChainError } from '../errors.ts';
import type { ChainState } from '../store/chain-state.ts';
import { blockInputOf, timeMsOf } from './block-input.ts';
import type { ConsensusKeys } from './consensus-keys.ts';

export interface AbciConsensusParts {
  readonly application: Application;
  readonly blockLog: BlockLog;
  readonly crypto: Crypto;
  readonly genesis: Genesis;
  readonly keys: ConsensusKeys;
  /** Committed values. */
  readonly state: Pick<ChainState, 'view'>;
  /** One object for the same bytes. */
  readonly known: (bytes: Uint8Array) => Uint8Array;
  /** The order a proposer wants. */
  readonly order: (txs: readonly Uint8Array[]) => Uint8Array[];
  /** Hash of a block that this node did not see, if consensus can tell. */
  readonly blockHashOf: (height: number) => Promise<Uint8Array | null>;
  /** Called when a block is on disk, before consensus is told. */
  readonly onCommitted: (block: LoggedBlock) => void;
}

/**
 * The calls that make blocks, one at a time and only in the order of ABCI 2.0. A call out of order is refused and
 * changes nothing.
 */
export interface AbciConsensus {
  info(): Promise<ResponseInfo>;
  initChain(request: RequestInitChain): Promise<ResponseInitChain>;
  prepareProposal(request: RequestPrepareProposal): Promise<ResponsePrepareProposal>;
  /** Whether the block may be voted for. */
  processProposal(request: RequestProcessProposal): Promise<boolean>;
  finalizeBlock(request: RequestFinalizeBlock, connection: number): Promise<ResponseFinalizeBlock>;
  commit(connection: number): Promise<ResponseCommit>;
  /** A block that this connection finalized and did not commit is forgotten. */
  closed(connection: number): void;
}

const NOTHING = new Uint8Array(0);

export function createAbciConsensus(parts: AbciConsensusParts): AbciConsensus {
  const { application, blockLog, crypto, genesis, keys, state, known, order, blockHashOf, onCommitted } =
    parts;
  let inHand: Promise<unknown> = Promise.resolve();
  /** A block between its execution and its commit. */
  let pending: { readonly block: LoggedBlock; readonly connection: number } | null = null;
  let isInitialised = false;

  /** After a broken connection the next may come while a commit of the last is still being written. */
  function alone<T>(action: () => Promise<T> | T): Promise<T> {
    const done = inHand.then(action);
    inHand = done.catch(() => undefined);
    return done;
  }

  function expectOpen(call: string): void {
    const isStarted = isInitialised || application.info().height > 0;
    if (!isStarted) throw outOfOrder(call, 'initChain has not been called');
    if (pending !== null) throw outOfOrder(call, `block ${pending.block.header.height} is not committed`);
  }

  function expectHeight(call: string, height: bigint): void {
    const last = application.info().height;
    if (height !== BigInt(last + 1)) throw outOfOrder(call, `block ${height} does not follow ${last}`);
  }

  async function initChain(request: RequestInitChain): Promise<ResponseInitChain> {
    const { height } = application.info();
    if (height > 0) throw outOfOrder('initChain', `block ${height} is committed`);
    if (pending !== null) throw outOfOrder('initChain', 'a block is in hand');
    checkGenesis(crypto, genesis, request);
    const appHash = await application.initChain(genesis);
    isInitialised = true;
    return { appHash, validators: [] };
  }

  function prepareProposal(request: RequestPrepareProposal): ResponsePrepareProposal {
    expectOpen('prepareProposal');
    expectHeight('prepareProposal', request.height);
    const txs = application.prepareProposal({
      height: Number(request.height),
      timeMs: timeMsOf(request),
      proposer: keys.accountOf(request.proposerAddress),
      txs: order(request.txs.map(known)),
      maxBytes: Number(request.maxTxBytes),
    });
    return { txs: fitting(txs, Number(request.maxTxBytes)) };
  }

  async function finalizeBlock(
    request: RequestFinalizeBlock,
    connection: number,
  ): Promise<ResponseFinalizeBlock> {
    expectOpen('finalizeBlock');
    expectHeight('finalizeBlock', request.height);
    const block = blockInputOf(keys, request, request.txs.map(known));
    const last = application.info();
    const outcome = await application.finalizeBlock(block);
    const { results, events, appHash } = outcome;
    const before = { blockHash: await hashBefore(last), appHash: last.appHash };
    const logged: LoggedBlock = {
      header: headerAfter(crypto, before, block),
      hash: block.hash,
      // CometBFT keeps the whole header, and the votes for it.
      seal: null,
      appHash,
      txs: [...block.txs],
      results: results.map(loggedResult),
      events,
    };
    blockLog.stage(logged);
    pending = { block: logged, connection };
    return {
      events: [],
      txResults: results.map(txResult),
      validatorUpdates: updatesOf(outcome.validatorUpdates),
      ...changedParams(state.view, outcome.changes),
      appHash,
    };
  }

  /** Zeros at the beginning, and after a snapshot when consensus cannot be asked, as in its handshake. */
  async function hashBefore(last: { readonly height: number; readonly blockHash: Uint8Array }) {
    const isKnown = last.height === 0 || last.blockHash.some((byte) => byte !== 0);
    return isKnown ? last.blockHash : ((await blockHashOf(last.height)) ?? last.blockHash);
  }

  async function commit(connection: number): Promise<ResponseCommit> {
    if (pending === null) throw outOfOrder('commit', 'no block is finalized');
    if (pending.connection !== connection)
      throw outOfOrder('commit', 'the block was finalized on another connection');
    const { block } = pending;
    const { retainHeight } = await application.commit();
    pending = null;
    onCommitted(block);
    return { retainHeight: BigInt(retainHeight) };
  }

  return {
    info: () =>
      alone(() => {
        const { height, appHash } = application.info();
        const lastBlockAppHash = height === 0 ? NOTHING : appHash;
        const lastBlockHeight = BigInt(height);
        return { data: 'cairn', version: '', appVersion: APP_VERSION, lastBlockHeight, lastBlockAppHash };
      }),
    initChain: (request) => alone(() => initChain(request)),
    prepareProposal: (request) => alone(() => prepareProposal(request)),
    processProposal: (request) =>
      alone(() => {
        expectOpen('processProposal');
        return application.processProposal(blockInputOf(keys, request, request.txs.map(known)));
      }),
    finalizeBlock: (request, connection) => alone(() => finalizeBlock(request, connection)),
    commit: (connection) => alone(() => commit(connection)),
    closed(connection) {
      // After a commit that is being written, if there is one.
      void alone(() => {
        if (pending?.connection === connection) pending = null;
      });
    },
  };
}

/** `code` decides whether nodes agree. */
function txResult(result: FinalizedBlock['results'][number]): ExecTxResult {
  return {
    code: resultCode(result),
    data: NOTHING,
    log: '',
    info: '',
    gasWanted: 0n,
    gasUsed: 0n,
    events: [],
    codespace: result.problem?.code ?? '',
  };
}

/** CometBFT takes each key once: what the block said last holds. */
function updatesOf(updates: FinalizedBlock['validatorUpdates']): ValidatorUpdate[] {
  const last = updates.filter(
    ({ publicKey }, index) =>
      !updates.some((other, at) => at > index && areBytesEqual(other.publicKey, publicKey)),
  );
  return last.map(({ publicKey, power }) => ({ pubKey: { ed25519: publicKey }, power }));
}

/** The first of these that fit: each takes a tag and its length beside its bytes. */
function fitting(txs: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  let sizeBytes = 0;
  const count = txs.findIndex(({ length }) => {
    sizeBytes += length + (length < 128 ? 2 : length < 16_384 ? 3 : length < 2_097_152 ? 4 : 5);
    return sizeBytes > maxBytes;
  });
  return txs.slice(0, count === -1 ? txs.length : count);
}

/** What the block changed of the parameters that CometBFT goes by. In force from the next block, as in the ledger. */
function changedParams(
  view: StateView,
  changes: FinalizedBlock['changes'],
): Pick<ResponseFinalizeBlock, 'consensusParamUpdates'> {
  if (!changes.some(({ key }) => key.startsWith('parameters/'))) return {};
  const changed = new Map(changes.map(({ key, value }) => [key, value]));
  const after: StateView = {
    get(key) {
      const value = changed.get(key);
      return value === undefined ? view.get(key) : (value ?? undefined);
    },
  };
  return { consensusParamUpdates: consensusParamsOf(readParameters(after)) };
}

function outOfOrder(call: string, reason: string): ChainError {
  return new ChainError({ code: 'CALL_OUT_OF_ORDER', call, reason }, `${call}: ${reason}.`);
}

/** Whether consensus starts the chain that this node was started with. */
function checkGenesis(crypto: Crypto, genesis: Genesis, request: RequestInitChain): void {
  const expected = cometChainId(crypto, genesis);
  const refuse = (what: string) =>
    new ChainError(
      { code: 'GENESIS_MISMATCH', what },
      `CometBFT starts from another genesis: its ${what} differs. Use the genesis of ${expected} for both.`,
    );
  if (request.chainId !== expected) throw refuse('chain id');
  if (request.initialHeight !== 1n) throw refuse('initial height');
  if (timeMsOf(request) !== firstBlockMs(genesis)) throw refuse('time');
  let named: Genesis;
  try {
    named = genesisShape.fromJson(JSON.parse(bytesToUtf8(request.appStateBytes)));
  } catch (cause) {
    throw Object.assign(refuse('state'), { cause });
  }
  if (!areBytesEqual(chainIdOf(crypto, named), chainIdOf(crypto, genesis))) throw refuse('state');
  const isSame =
    request.validators.length === genesis.validators.length &&
    request.validators.every(({ pubKey, power }) =>
      genesis.validators.some(
        (other) =>
          pubKey?.ed25519 !== undefined &&
          areBytesEqual(other.publicKey, pubKey.ed25519) &&
          other.power === power,
      ),
    );
  if (!isSame) throw refuse('list of validators');
}
