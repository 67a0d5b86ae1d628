import { type AccountId, accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { callHashOf, nestedNonce } from '../../execution/calls.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem, type Verdict } from '../../execution/message.ts';
import { multisigApproved, multisigRan } from '../events.ts';
import { type ApproveMultisig, approveMultisigShape } from '../messages/approve-multisig.ts';
import { holdDeposit, recordDeposit, releaseDeposit } from '../money.ts';
import {
  type MultisigProposal,
  multisigAccountOf,
  multisigFault,
  multisigProposalIdOf,
  multisigProposals,
  proposalBytes,
  proposalUnknown,
} from '../multisig.ts';

/**
 * A call that is refused refuses the approval that would have run it. So the earlier approvals stand, and the
 * last one can be sent again when the cause is gone: nobody can burn them by choosing a bad moment.
 */
export const approveMultisigMessage = defineMessage({
  id: 4,
  name: 'accounts.approveMultisig',
  help: 'Approves a call of a multisig account as one of its members. The approval that reaches the threshold runs it; when the call is refused, so is this approval, and those before it stand.',
  shape: approveMultisigShape,
  work: ({ call }, calls) => 5 + (call === null ? 0 : calls.workOf(call)),
  apply(context, message) {
    const { crypto, sender } = context;
    const unfit = multisigFault(message) ?? approvalFault(context, message);
    if (unfit !== null) return unfit;
    const multisig = multisigAccountOf(crypto, message);
    const joined = joinedProposal(context, multisig, message);
    if (joined !== null && 'code' in joined) return joined;
    const approvals = [...(joined?.approvals ?? []), sender];
    return approvals.length < message.threshold
      ? keepApproval(context, multisig, message, joined, approvals)
      : runCall(context, multisig, message, joined);
  },
});

function approvalFault(
  { crypto, sender }: MessageContext,
  { members, call, callHash }: ApproveMultisig,
): Verdict {
  if (!members.some((member) => areBytesEqual(member, sender))) {
    return problem(
      'NOT_A_MEMBER',
      `${accountIdToAddress(sender)} is none of the ${members.length} members. A member has to send this.`,
    );
  }
  if (call !== null && !areBytesEqual(callHashOf(crypto, call), callHash)) {
    return problem(
      'CALL_HASH_DIFFERS',
      `The hash of the call is ${bytesToHex(callHashOf(crypto, call))}, approved is ${bytesToHex(callHash)}. Send the call that was approved.`,
    );
  }
  return null;
}

/** The proposal that an approval adds to; null when it is the first. */
function joinedProposal(
  { state, slot, sender }: MessageContext,
  multisig: AccountId,
  { proposal: id, callHash }: ApproveMultisig,
): MultisigProposal | TransactionProblem | null {
  if (id === null) return null;
  const proposal = multisigProposals.get(state, multisig, id);
  if (proposal === undefined) return proposalUnknown(multisig, id);
  if (!areBytesEqual(proposal.callHash, callHash)) {
    return problem(
      'CALL_HASH_DIFFERS',
      `Proposal ${bytesToHex(id)} is about call ${bytesToHex(proposal.callHash)}, not ${bytesToHex(callHash)}.`,
    );
  }
  if (slot > proposal.expirySlot) {
    return problem(
      'MULTISIG_PROPOSAL_EXPIRED',
      `Proposal ${bytesToHex(id)} could be approved until slot ${proposal.expirySlot}, this is ${slot}. Begin another.`,
    );
  }
  if (proposal.approvals.some((member) => areBytesEqual(member, sender))) {
    return problem(
      'ALREADY_APPROVED',
      `${accountIdToAddress(sender)} approved proposal ${bytesToHex(id)} before. Others have to.`,
    );
  }
  return proposal;
}

function keepApproval(
  context: MessageContext,
  multisig: AccountId,
  message: ApproveMultisig,
  joined: MultisigProposal | null,
  approvals: AccountId[],
): Verdict {
  const { crypto, state, sender, nonce, slot, parameters } = context;
  const { callHash } = message;
  const id = message.proposal ?? multisigProposalIdOf(crypto, multisig, callHash, sender, nonce);
  const deposit = joined?.deposit ?? recordDeposit(context, proposalBytes(message));
  if (joined === null) {
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
  }
  const expirySlot = joined?.expirySlot ?? slot + parameters.multisigProposalSlots;
  const proposal: MultisigProposal = { callHash, approvals, expirySlot, deposit };
  multisigProposals.set(state, multisig, id, proposal);
  multisigApproved(context, multisig, id, proposal, message.threshold);
  return null;
}

function runCall(
  context: MessageContext,
  multisig: AccountId,
  { call, callHash, proposal: id }: ApproveMultisig,
  joined: MultisigProposal | null,
): Verdict {
  const { crypto, state, sender, nonce, calls } = context;
  if (call === null) {
    return problem(
      'CALL_MISSING',
      `This is the last approval of call ${bytesToHex(callHash)}: it has to bring the call itself.`,
    );
  }
  // Gone before the call runs, so nothing in the call can use it a second time.
  if (id !== null && joined !== null) {
    multisigProposals.delete(state, multisig, id);
    releaseDeposit(context, joined.approvals[0]!, joined.deposit);
  }
  const refused = calls.run(context, call, { sender: multisig, nonce: nestedNonce(crypto, sender, nonce) });
  if (refused !== null) {
    return problem(
      refused.code,
      `The call of multisig ${accountIdToAddress(multisig)} is refused, earlier approvals stand. ${refused.message}`,
    );
  }
  multisigRan(context, multisig, id, callHash, sender);
  return null;
}
