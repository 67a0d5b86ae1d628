import { type AccountId, type Amount, accountIdToAddress, type Crypto } from '@cairn/core';
import { transfer } from '../accounts/money.ts';
import { accounts } from '../accounts/state.ts';
import { clock } from '../emission/clock.ts';
import { recordFlow } from '../flows/record.ts';
import { genesisCell } from '../genesis/state.ts';
import { pausedUntil } from '../governance/pauses.ts';
import { MODULES } from '../modules.ts';
import { readParameters } from '../parameters/state.ts';
import { createOverlay, type StateChange, type StateView } from '../state/view.ts';
import {
  CALLS,
  checkSigner,
  checkTransaction,
  type Parsed,
  type ParsedTransaction,
  parseTransaction,
  requiredFee,
  verifySignature,
} from '../transaction/check.ts';
import { proposerPayee } from '../validators/reward.ts';
import type { BlockContext, BlockHeader, LedgerEvent } from './context.ts';
import { PULSE_WORK, problem, type TransactionProblem } from './message.ts';

/** Everything execution is told about a block. */
export interface BlockInput extends BlockHeader {
  readonly txs: readonly Uint8Array[];
}

export interface TransactionResult {
  /** Hex id; empty when the bytes were not a transaction. */
  readonly id: string;
  readonly ok: boolean;
  readonly problem: TransactionProblem | null;
  /** Pebbles taken for bytes and work. */
  readonly fee: Amount;
  readonly events: readonly LedgerEvent[];
}

export interface BlockOutcome {
  /** Ascending by key. */
  readonly changes: readonly StateChange[];
  /** One per transaction, in order. */
  readonly results: readonly TransactionResult[];
  /** Events of the block itself, outside transactions. */
  readonly events: readonly LedgerEvent[];
  /** Voting powers that changed, for consensus; a power of 0 leaves the set. */
  readonly validatorUpdates: readonly ValidatorUpdate[];
}

export interface ValidatorUpdate {
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** In thousandths of a staked CAIRN. */
  readonly power: bigint;
}

export interface LedgerParts {
  readonly crypto: Crypto;
  /**
   * Remembers transactions whose signature was found good, by SHA-256 of all their bytes.
   * It only saves time: the verdict is the same without it.
   */
  readonly verified?: { has(bytes: Uint8Array): boolean };
  /** Decodes a transaction, perhaps from memory. It only saves time. @default `parseTransaction` */
  readonly parse?: (bytes: Uint8Array) => Parsed;
}

export interface Ledger {
  /** Executes one block on a snapshot. Pure: the same view and block give the same outcome everywhere. */
  apply(view: StateView, block: BlockInput): BlockOutcome;
}

export function createLedger(parts: LedgerParts): Ledger {
  const { crypto, verified, parse = (bytes) => parseTransaction(crypto, bytes) } = parts;

  /** Checks a transaction and takes its fee. */
  function admit(context: BlockContext, bytes: Uint8Array): Admitted | TransactionResult {
    const read = parse(bytes);
    if (!read.ok) return refused('', read.problem);
    const { parsed } = read;
    const { id } = parsed;
    const { chainId, parameters, block } = context;
    const unfit = checkTransaction(context.state, parsed, { chainId, parameters, height: block.height });
    if (unfit !== null) return refused(id, unfit);
    if (!verified?.has(bytes)) {
      const forged = verifySignature(crypto, bytes, parsed.transaction);
      if (forged !== null) return refused(id, forged);
    }
    const fee = requiredFee(parameters, parsed.sizeBytes, parsed.work);
    chargeFee(context, parsed.transaction.body.sender, fee, parsed.transaction.body.tip);
    return { parsed, id, fee };
  }

  /**
   * The nonce and the fee of the work that was done stay whatever the message does. What was declared beyond that is
   * given back, unless the sender closed its account.
   */
  function execute(context: BlockContext, entry: Admitted): TransactionResult {
    const { parsed, id } = entry;
    const work = { touched: new Set<string>(), checks: 0 };
    const { problem: refusal, events } = run(context, parsed, work);
    const isFree = refusal === null && parsed.definition.isFree === true;
    const fee = settleFee(context, entry, isFree ? null : work.touched.size + work.checks);
    return { id, ok: refusal === null, problem: refusal, fee, events };
  }

  function run(
    context: BlockContext,
    parsed: ParsedTransaction,
    work: DoneWork,
  ): Pick<TransactionResult, 'problem' | 'events'> {
    const { sender, nonce } = parsed.transaction.body;
    const account = accounts.get(context.state, sender);
    if (account === undefined) {
      const gone = `An earlier transaction of this block closed ${accountIdToAddress(sender)}.`;
      return { problem: problem('ACCOUNT_CLOSED', gone), events: [] };
    }
    // Once more, because an earlier transaction of this block may have changed the key or frozen the account.
    const barred = checkSigner(context.state, parsed, account);
    if (barred !== null) return { problem: barred, events: [] };
    const events: LedgerEvent[] = [];
    const state = context.state.fork(work.touched);
    const emit: BlockContext['emit'] = (name, data) => events.push({ name, data });
    const counted = countSignatures(crypto, work);
    const inner = { ...context, state, emit, sender, nonce, crypto: counted };
    const verdict = parsed.definition.apply(inner, parsed.message);
    if (verdict !== null) return { problem: verdict, events: [] };
    context.state.merge(state);
    return { problem: null, events };
  }

  function apply(view: StateView, block: BlockInput): BlockOutcome {
    const state = createOverlay(view);
    const events: LedgerEvent[] = [];
    const validatorUpdates: ValidatorUpdate[] = [];
    const parameters = readParameters(state);
    const { chainId } = genesisCell.get(state);
    const slot = clock.advance(state, parameters, block.timeMs);
    const context: BlockContext = {
      state,
      block,
      chainId,
      parameters,
      slot,
      crypto,
      calls: CALLS,
      emit: (name, data) => events.push({ name, data }),
      changePower: (publicKey, power) => validatorUpdates.push({ publicKey, power }),
    };
    // A paused module stands still: its windows count no block of a pause.
    const isLive = ({ name }: { readonly name: string }) => pausedUntil(state, name) === null;
    for (const module of MODULES) if (isLive(module)) module.beginBlock?.(context);
    // All fees first: no message can spend what a later transaction of its sender owes for its place in the block.
    const admitted = block.txs.map((bytes) => admit(context, bytes));
    const results = admitted.map((entry) => ('parsed' in entry ? execute(context, entry) : entry));
    for (const module of MODULES) if (isLive(module)) module.endBlock?.(context);
    return { changes: state.changes(), results, events, validatorUpdates };
  }

  return { apply };
}

/** Work units of checking a signature inside a message. */
const SIGNATURE_WORK = 40;

/** What a message did: the records it read or wrote, and the checks of signatures. */
interface DoneWork {
  readonly touched: Set<string>;
  /** Work units of the signatures it checked. */
  checks: number;
}

function countSignatures(crypto: Crypto, work: DoneWork): Crypto {
  return {
    ...crypto,
    verifyEd25519(publicKey, message, signature) {
      work.checks += SIGNATURE_WORK;
      return crypto.verifyEd25519(publicKey, message, signature);
    },
    verifyP256(publicKey, message, signature) {
      work.checks += SIGNATURE_WORK;
      return crypto.verifyP256(publicKey, message, signature);
    },
    verifyPulse(publicKey, round, signature) {
      work.checks += PULSE_WORK;
      return crypto.verifyPulse(publicKey, round, signature);
    },
  };
}

/**
 * Books the fee for bytes and the work that was done, and gives back the rest.
 *
 * @param done null: all of the fee goes back
 * @returns pebbles kept
 */
function settleFee(
  { state, parameters }: BlockContext,
  { parsed, fee }: Admitted,
  done: number | null,
): Amount {
  const unused = done === null ? fee : BigInt(Math.max(0, parsed.work - done)) * parameters.feePerWork;
  const { sender } = parsed.transaction.body;
  const account = unused > 0n ? accounts.get(state, sender) : undefined;
  const refund = account === undefined ? 0n : unused;
  if (account !== undefined)
    accounts.set(state, sender, { ...account, spendable: account.spendable + refund });
  recordFlow(state, 'fees.work', fee - refund);
  return fee - refund;
}

/** A transaction that paid for its place in the block. */
interface Admitted {
  readonly parsed: ParsedTransaction;
  readonly id: string;
  /** Taken for bytes and declared work. */
  readonly fee: Amount;
}

function refused(id: string, why: TransactionProblem): TransactionResult {
  return { id, ok: false, problem: why, fee: 0n, events: [] };
}

/** Takes the whole fee; `settleFee` books it when the work is done. */
function chargeFee(context: BlockContext, sender: AccountId, fee: Amount, tip: Amount): void {
  const { state } = context;
  const account = accounts.get(state, sender)!;
  accounts.set(state, sender, { ...account, nonce: account.nonce + 1n, spendable: account.spendable - fee });
  if (tip === 0n) return;
  // A payee without an account forgoes a tip too small to open one: it stays with the sender.
  const payee = proposerPayee(state, context.block.proposer);
  const unpaid = transfer(context, sender, payee, tip, 'fees.tip');
  if (unpaid !== null)
    context.emit('fees.tipRefused', { payee: accountIdToAddress(payee), code: unpaid.code });
}

/** Null when a block of these bytes may be proposed: all decodable, within size and work. */
export function checkBlockLimits(
  crypto: Crypto,
  view: StateView,
  txs: readonly Uint8Array[],
  parse: (bytes: Uint8Array) => Parsed = (bytes) => parseTransaction(crypto, bytes),
): TransactionProblem | null {
  const parameters = readParameters(view);
  let sizeBytes = 0n;
  let work = 0n;
  for (const bytes of txs) {
    const read = parse(bytes);
    if (!read.ok) return read.problem;
    sizeBytes += BigInt(bytes.length);
    work += BigInt(read.parsed.work);
  }
  if (sizeBytes > parameters.maxBlockBytes)
    return problem('BLOCK_TOO_LARGE', `${sizeBytes} bytes exceed ${parameters.maxBlockBytes}.`);
  if (work > parameters.maxBlockWork)
    return problem('BLOCK_TOO_HEAVY', `${work} work units exceed ${parameters.maxBlockWork}.`);
  return null;
}
