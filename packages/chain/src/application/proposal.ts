import type { Crypto } from '@cairn/core';
import {
  accounts,
  type BlockInput,
  checkBlockLimits,
  checkTransaction,
  createOverlay,
  type Parameters,
  type Parsed,
  type ParsedTransaction,
  requiredFee,
  type StateView,
} from '@cairn/ledger';
import type { ProposalRequest } from '@cairn/protocol';

export interface ProposalParts {
  readonly crypto: Crypto;
  readonly parse: (tx: Uint8Array) => Parsed;
  readonly view: StateView;
  readonly chainId: Uint8Array;
  readonly parameters: Parameters;
}

/** Transactions that pass one after another, counting fees and nonces: a block takes all fees before any message runs. */
export function selectTransactions(parts: ProposalParts, request: ProposalRequest): Uint8Array[] {
  const { parse, chainId, parameters } = parts;
  const state = createOverlay(parts.view);
  const byteLimit = Math.min(request.maxBytes, Number(parameters.maxBlockBytes));
  const chosen: Uint8Array[] = [];
  let sizeBytes = 0;
  let work = 0;
  for (const tx of request.txs) {
    const read = parse(tx);
    if (!read.ok || sizeBytes + tx.length > byteLimit) continue;
    const { parsed } = read;
    if (work + parsed.work > Number(parameters.maxBlockWork)) continue;
    if (checkTransaction(state, parsed, { chainId, parameters, height: request.height }) !== null) continue;
    spend(state, parameters, parsed);
    sizeBytes += tx.length;
    work += parsed.work;
    chosen.push(tx);
  }
  return chosen;
}

function spend(
  state: ReturnType<typeof createOverlay>,
  parameters: Parameters,
  parsed: ParsedTransaction,
): void {
  const { body } = parsed.transaction;
  const account = accounts.get(state, body.sender)!;
  const cost = requiredFee(parameters, parsed.sizeBytes, parsed.work) + body.tip;
  accounts.set(state, body.sender, {
    ...account,
    nonce: account.nonce + 1n,
    spendable: account.spendable - cost,
  });
}

/** Whether all transactions decode and the block keeps its limits and follows the last one. */
export function isProposalSound(
  { crypto, parse, view }: ProposalParts,
  block: BlockInput,
  last: { readonly height: number; readonly timeMs: number },
): boolean {
  return (
    block.height === last.height + 1 &&
    block.timeMs > last.timeMs &&
    checkBlockLimits(crypto, view, block.txs, parse) === null
  );
}
