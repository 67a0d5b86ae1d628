import { encode, stateProof, utf8ToBytes } from '@cairn/core';
import type { TransactionProblem } from '@cairn/ledger';
import type { Application } from '@cairn/protocol';
import {
  CheckTxType,
  ResponseApplySnapshotChunk_Result as ChunkResult,
  ResponseOfferSnapshot_Result as OfferResult,
  ResponseProcessProposal_ProposalStatus as ProposalStatus,
  type Request,
  type Response,
  type ResponseCheckTx,
  type ResponseQuery,
  ResponseVerifyVoteExtension_VerifyStatus as VerifyStatus,
} from 'cosmjs-types/tendermint/abci/types';
import { ChainError } from '../errors.ts';
import type { AbciConsensus } from './consensus.ts';
import type { Pending } from './pending.ts';
import type { Snapshots } from './snapshots.ts';

export type AbciKind = keyof Request;

/** The answer to each request of ABCI 2.0. `connection` tells callers apart. */
export type AbciHandlers = {
  readonly [K in AbciKind]-?: (
    request: NonNullable<Request[K]>,
    connection: number,
  ) => Promise<NonNullable<Response[K]>> | NonNullable<Response[K]>;
};

export interface AbciHandlersParts {
  readonly application: Application;
  readonly consensus: AbciConsensus;
  readonly snapshots: Snapshots;
  readonly pending: Pending;
  /** One object for the same bytes. */
  readonly known: (bytes: Uint8Array) => Uint8Array;
  /** Told of each transaction that waited and no longer passes. */
  readonly onDropped: (id: string, why: TransactionProblem) => void;
}

const NOTHING = new Uint8Array(0);

const OFFERS = {
  accept: OfferResult.ACCEPT,
  abort: OfferResult.ABORT,
  reject: OfferResult.REJECT,
  rejectFormat: OfferResult.REJECT_FORMAT,
} as const;
const CHUNKS = {
  accept: ChunkResult.ACCEPT,
  abort: ChunkResult.ABORT,
  retry: ChunkResult.RETRY,
  rejectSnapshot: ChunkResult.REJECT_SNAPSHOT,
} as const;

export function createAbciHandlers(parts: AbciHandlersParts): AbciHandlers {
  const { application, consensus, snapshots, pending, known, onDropped } = parts;

  async function checkTx(bytes: Uint8Array, type: CheckTxType): Promise<ResponseCheckTx> {
    const isNew = type === CheckTxType.NEW;
    const result = await application.checkTx(known(bytes), isNew ? 'new' : 'recheck');
    const { height } = application.info();
    const refused = result.ok && isNew ? pending.admit(result.checked, height) : null;
    if (result.ok && refused === null) {
      const { id, work } = result.checked;
      pending.rechecked(id, height);
      return { ...CHECKED, data: utf8ToBytes(id), gasWanted: BigInt(work) };
    }
    const id = result.ok ? result.checked.id : result.id;
    const problem = result.ok ? refused! : result.problem;
    if (!isNew && id !== null) {
      pending.forget(id);
      onDropped(id, problem);
    }
    const data = id === null ? NOTHING : utf8ToBytes(id);
    return { ...CHECKED, code: 1, data, log: problem.message, codespace: problem.code };
  }

  return {
    echo: ({ message }) => ({ message }),
    flush: () => ({}),
    info: () => consensus.info(),
    initChain: (request) => consensus.initChain(request),
    prepareProposal: (request) => consensus.prepareProposal(request),
    async processProposal(request) {
      const isSound = await consensus.processProposal(request);
      return { status: isSound ? ProposalStatus.ACCEPT : ProposalStatus.REJECT };
    },
    // Off in the genesis: nobody asks. State may not depend on extensions anyway.
    extendVote: () => ({ voteExtension: NOTHING }),
    verifyVoteExtension: ({ voteExtension }) => ({
      status: voteExtension.length === 0 ? VerifyStatus.ACCEPT : VerifyStatus.REJECT,
    }),
    finalizeBlock: (request, connection) => consensus.finalizeBlock(request, connection),
    commit: (_, connection) => consensus.commit(connection),
    checkTx: ({ tx, type }) => checkTx(tx, type),
    query: ({ path, data, height, prove }) => answerQuery(application, path, data, Number(height), prove),
    listSnapshots: () => ({ snapshots: [...snapshots.list()] }),
    async offerSnapshot({ snapshot, appHash }) {
      if (snapshot === undefined) return { result: OfferResult.REJECT };
      return { result: OFFERS[await snapshots.offer(snapshot, appHash)] };
    },
    async loadSnapshotChunk({ height, format, chunk }) {
      return { chunk: await snapshots.load(height, format, chunk) };
    },
    async applySnapshotChunk({ index, chunk, sender }) {
      const { result, refetch = [], rejectSenders = [] } = await snapshots.apply(index, chunk, sender);
      return { result: CHUNKS[result], refetchChunks: [...refetch], rejectSenders: [...rejectSenders] };
    },
  };
}

const CHECKED: ResponseCheckTx = {
  code: 0,
  data: NOTHING,
  log: '',
  info: '',
  gasWanted: 0n,
  gasUsed: 0n,
  events: [],
  codespace: '',
};

const ANSWER: ResponseQuery = {
  code: 0,
  log: '',
  info: '',
  index: 0n,
  key: NOTHING,
  value: NOTHING,
  height: 0n,
  codespace: '',
};

/** Longest state key that is looked up. */
const MAX_KEY_BYTES = 1_024;

/**
 * `/key` reads a state key, with a proof if asked; `/p2p/filter/…` lets every peer in. Everything else is read from
 * the node itself. A question that cannot be answered is an answer with a code: it is no fault of the application.
 */
function answerQuery(
  application: Application,
  path: string,
  data: Uint8Array,
  height: number,
  prove: boolean,
): ResponseQuery {
  if (path.startsWith('/p2p/filter/')) return ANSWER;
  if (path !== '/key' || data.length === 0 || data.length > MAX_KEY_BYTES) {
    return {
      ...ANSWER,
      code: 1,
      log: 'Ask for /key with the state key as data.',
      codespace: 'QUERY_UNKNOWN',
    };
  }
  try {
    const key = new TextDecoder().decode(data);
    const answer = height === 0 ? application.prove(key) : application.prove(key, height);
    const read = {
      ...ANSWER,
      key: data,
      value: answer.value ?? NOTHING,
      log: answer.value === null ? 'absent' : '',
      height: BigInt(answer.height),
    };
    if (!prove) return read;
    const op = { type: 'cairn:state/v1', key: data, data: encode(stateProof, answer.proof) };
    return { ...read, proofOps: { ops: [op] } };
  } catch (error) {
    if (!(error instanceof ChainError) || !ASKED_WRONG.has(error.problem.code)) throw error;
    return { ...ANSWER, code: 1, log: error.message, codespace: error.problem.code };
  }
}

const ASKED_WRONG = new Set<string>(['HEIGHT_UNKNOWN', 'HEIGHT_TOO_OLD', 'CHAIN_NOT_STARTED']);
