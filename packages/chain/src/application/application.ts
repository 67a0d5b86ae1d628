import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import {
  accounts,
  type BlockInput,
  chainIdOf,
  checkTransaction,
  createLedger,
  type Genesis,
  genesisState,
  type Parameters,
  type ParsedTransaction,
  readParameters,
  requiredFee,
  type TransactionProblem,
} from '@cairn/ledger';
import type { Application, CheckResult, FinalizedBlock } from '@cairn/protocol';
import { consensusParamsOf } from '../comet/genesis.ts';
import { ChainError } from '../errors.ts';
import type { ChainState } from '../store/chain-state.ts';
import type { StoreMeta } from '../store/records.ts';
import type { Verifier } from '../verify/verifier.ts';
import { createKnownTransactions, type KnownTransactions } from './known-transactions.ts';
import { isProposalSound, selectTransactions } from './proposal.ts';
import { runQuery } from './queries.ts';

export interface ApplicationParts {
  readonly crypto: Crypto;
  readonly state: ChainState;
  readonly verifier: Verifier;
  /** What was found out about transactions. @default its own */
  readonly known?: KnownTransactions;
}

export interface ApplicationOptions {
  /** Where the store lies, for messages. */
  readonly folder: string;
  /** How far a sender's nonces may run ahead of the state. @default 64 */
  readonly nonceWindow?: number;
  /** Latest blocks the engine must keep, at least those of which evidence still counts. @default 0, which is all */
  readonly retainBlocks?: number;
}

/** The ledger behind the `Application` port, over a store. */
export function createApplication(parts: ApplicationParts, options: ApplicationOptions): Application {
  const { crypto, state, verifier } = parts;
  const { folder, nonceWindow = 64, retainBlocks = 0 } = options;
  const known = parts.known ?? createKnownTransactions(crypto);
  const ledger = createLedger({ crypto, parse: known.parse, verified: { has: known.isVerified } });
  let finalized: BlockInput | null = null;
  let current: { meta: StoreMeta; parameters: Parameters } | null = null;

  /** Parameters of the committed state, read once per height. */
  function committed(): { meta: StoreMeta; parameters: Parameters } {
    const { meta } = state;
    if (meta === null) {
      throw new ChainError(
        { code: 'CHAIN_NOT_STARTED' },
        'The chain has no genesis yet. Call initChain first.',
      );
    }
    if (current?.meta !== meta) current = { meta, parameters: readParameters(state.view) };
    return current;
  }

  function proposalParts() {
    const { meta, parameters } = committed();
    return { crypto, parse: known.parse, view: state.view, chainId: meta.chainId, parameters };
  }

  function unfit(parsed: ParsedTransaction): TransactionProblem | null {
    const { meta, parameters } = committed();
    const height = Number(meta.height) + 1;
    return checkTransaction(state.view, parsed, { chainId: meta.chainId, parameters, height, nonceWindow });
  }

  function accepted(parsed: ParsedTransaction): CheckResult {
    const { sender, nonce, tip } = parsed.transaction.body;
    const { sizeBytes, work } = parsed;
    const { nonce: nextNonce, spendable } = accounts.get(state.view, sender)!;
    const cost = requiredFee(committed().parameters, sizeBytes, work) + tip;
    return { ok: true, checked: { id: parsed.id, sender, nonce, nextNonce, spendable, cost, tip, work } };
  }

  async function initChain(genesis: Genesis): Promise<Uint8Array> {
    const chainId = chainIdOf(crypto, genesis);
    if (state.meta === null) {
      const changes = genesisState(crypto, genesis);
      await state.begin(chainId, genesis.timeMs, changes);
    } else if (!areBytesEqual(state.meta.chainId, chainId)) {
      const [found, expected] = [bytesToHex(state.meta.chainId), bytesToHex(chainId)];
      throw new ChainError(
        { code: 'WRONG_CHAIN', folder, found, expected },
        `The store in ${folder} holds chain ${found}, this genesis is of ${expected}. Choose another folder with --data, or use the genesis it was made with.`,
      );
    }
    return committed().meta.appHash;
  }

  async function finalizeBlock(block: BlockInput): Promise<FinalizedBlock> {
    const { meta } = committed();
    if (block.height !== Number(meta.height) + 1) {
      const reason = `block ${block.height} does not follow ${meta.height}`;
      throw new ChainError(
        { code: 'CALL_OUT_OF_ORDER', call: 'finalizeBlock', reason },
        `finalizeBlock: ${reason}.`,
      );
    }
    const outcome = ledger.apply(state.view, block);
    const appHash = state.stage(outcome.changes);
    finalized = block;
    return { ...outcome, appHash };
  }

  /** Evidence of a block that is gone could not be checked. */
  function keptBlocks(): number {
    const { maxAgeNumBlocks } = consensusParamsOf(committed().parameters).evidence!;
    return Math.max(retainBlocks, Number(maxAgeNumBlocks));
  }

  async function commit(): Promise<{ retainHeight: number }> {
    if (finalized === null) {
      const reason = 'no block is finalized';
      throw new ChainError({ code: 'CALL_OUT_OF_ORDER', call: 'commit', reason }, `commit: ${reason}.`);
    }
    const { height, timeMs, hash } = finalized;
    await state.commit({ height: BigInt(height), timeMs: BigInt(timeMs), blockHash: hash });
    finalized = null;
    return { retainHeight: retainBlocks === 0 ? 0 : Math.max(0, height - keptBlocks()) };
  }

  return {
    info() {
      const { meta } = state;
      return {
        height: Number(meta?.height ?? 0n),
        appHash: meta?.appHash ?? new Uint8Array(32),
        chainId: meta?.chainId ?? null,
        timeMs: Number(meta?.timeMs ?? 0n),
        blockHash: meta?.blockHash ?? new Uint8Array(32),
      };
    },
    initChain,
    async checkTx(tx, kind) {
      const read = known.parse(tx);
      if (!read.ok) return { ok: false, id: null, problem: read.problem };
      const { parsed } = read;
      const before = committed();
      let problem = unfit(parsed);
      if (problem === null && kind === 'new' && !known.isVerified(tx)) {
        problem = await verifier.verify(tx, parsed);
        if (problem === null) known.setVerified(tx);
        // The state may have moved on meanwhile.
        if (problem === null && committed() !== before) problem = unfit(parsed);
      }
      return problem === null ? accepted(parsed) : { ok: false, id: parsed.id, problem };
    },
    prepareProposal: (request) => selectTransactions(proposalParts(), request),
    processProposal: (block) =>
      isProposalSound(proposalParts(), block, {
        height: Number(committed().meta.height),
        timeMs: Number(committed().meta.timeMs),
      }),
    finalizeBlock,
    commit,
    query(method, params) {
      const height = Number(committed().meta.height);
      return { height, value: runQuery(state.view, height, method, params) };
    },
    prove(key, height = Number(committed().meta.height)) {
      return { height, ...state.prove(key, height) };
    },
  };
}
