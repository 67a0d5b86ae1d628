import {
  type AccountId,
  account,
  accountIdToAddress,
  bytes32,
  bytesToHex,
  type Crypto,
  compareBytes,
  concatBytes,
  list,
  struct,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { LedgerError } from '../errors.ts';
import { problem, type TransactionProblem } from '../execution/message.ts';
import { defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

export const MAX_MULTISIG_MEMBERS = 20;

/** Who acts together as one account. */
export interface Multisig {
  /** 2 to 20 different accounts; their order means nothing. */
  readonly members: readonly AccountId[];
  /** How many of them a call needs. */
  readonly threshold: number;
}

/** Why there is no such multisig account; null when there is one. */
export function multisigFault({ members, threshold }: Multisig): TransactionProblem | null {
  if (members.length < 2 || members.length > MAX_MULTISIG_MEMBERS) {
    return problem(
      'MULTISIG_SIZE',
      `A multisig account has 2 to ${MAX_MULTISIG_MEMBERS} members, not ${members.length}.`,
    );
  }
  if (threshold < 1 || threshold > members.length) {
    return problem(
      'MULTISIG_THRESHOLD',
      `A threshold of ${threshold} does not fit ${members.length} members. Choose 1 to ${members.length}.`,
    );
  }
  const sorted = [...members].sort(compareBytes);
  const twice = sorted.find((member, n) => n > 0 && compareBytes(member, sorted[n - 1]!) === 0);
  if (twice !== undefined)
    return problem('MULTISIG_MEMBER_TWICE', `${accountIdToAddress(twice)} is named twice. Name it once.`);
  return null;
}

/**
 * The account of a multisig. Its tag differs from that of a key's account, so it is never one of a key.
 *
 * @throws LedgerError `MULTISIG_INVALID` for what `multisigFault` refuses: money sent there could never leave.
 */
export function multisigAccountOf(crypto: Crypto, multisig: Multisig): AccountId {
  const fault = multisigFault(multisig);
  if (fault !== null) throw new LedgerError({ code: 'MULTISIG_INVALID', reason: fault.code }, fault.message);
  const { members, threshold } = multisig;
  return crypto.sha256(
    concatBytes(
      utf8ToBytes('cairn/multisig/v1'),
      Uint8Array.of(threshold, members.length),
      ...[...members].sort(compareBytes),
    ),
  );
}

const proposalShape = struct('MultisigProposal', {
  callHash: bytes32,
  /** Who approved, the first of them opened it and paid the deposit. */
  approvals: list(account, MAX_MULTISIG_MEMBERS),
  /** Last slot in which it can be approved. */
  expirySlot: u64,
  /** Refundable deposit of this record, in pebbles, paid by the first. */
  deposit: u64,
});
export type MultisigProposal = ValueOf<typeof proposalShape>;

const table = defineTable('accounts', 'multisigProposal', proposalShape);
const idOf = (multisig: AccountId, proposal: Uint8Array) => `${bytesToHex(multisig)}/${bytesToHex(proposal)}`;

/** Calls that wait for more approvals: `<multisig hex>/<proposal hex>`. */
export const multisigProposals = {
  table,
  get: (view: StateView, multisig: AccountId, proposal: Uint8Array) =>
    table.get(view, idOf(multisig, proposal)),
  set: (state: Overlay, multisig: AccountId, proposal: Uint8Array, value: MultisigProposal) =>
    table.set(state, idOf(multisig, proposal), value),
  delete: (state: Overlay, multisig: AccountId, proposal: Uint8Array) =>
    table.delete(state, idOf(multisig, proposal)),
};

/** Bytes that the deposit of a proposal is reckoned from, all approvals included. */
export const proposalBytes = ({ members }: Multisig): number => 56 + 32 * members.length;

/**
 * Id of a proposal. Another of the same call has another id, so an approval meant for one that ran
 * meanwhile cannot count for the next or begin one.
 */
export function multisigProposalIdOf(
  crypto: Crypto,
  multisig: AccountId,
  callHash: Uint8Array,
  opener: AccountId,
  nonce: bigint,
): Uint8Array {
  const tag = utf8ToBytes('cairn/multisig-proposal/v1');
  return crypto.sha256(concatBytes(tag, multisig, callHash, opener, u64ToBytes(nonce)));
}

export function proposalUnknown(multisig: AccountId, proposal: Uint8Array): TransactionProblem {
  return problem(
    'MULTISIG_PROPOSAL_UNKNOWN',
    `Multisig ${accountIdToAddress(multisig)} has no proposal ${bytesToHex(proposal)}. It ran or was cancelled, or the members or threshold are others.`,
  );
}
