import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { multisigCancelled } from '../events.ts';
import { cancelMultisigShape } from '../messages/cancel-multisig.ts';
import { releaseDeposit } from '../money.ts';
import { multisigProposals, proposalUnknown } from '../multisig.ts';

export const cancelMultisigMessage = defineMessage({
  id: 5,
  name: 'accounts.cancelMultisig',
  help: 'Takes back a proposal of a multisig account and its approvals: who opened it at any time, anybody after it expired. The deposit returns to who opened it.',
  shape: cancelMultisigShape,
  work: () => 3,
  apply(context, { multisig, proposal: id }) {
    const { state, slot, sender } = context;
    const proposal = multisigProposals.get(state, multisig, id);
    if (proposal === undefined) return proposalUnknown(multisig, id);
    const opener = proposal.approvals[0]!;
    if (!areBytesEqual(opener, sender) && slot <= proposal.expirySlot) {
      return problem(
        'NOT_PROPOSAL_OPENER',
        `Proposal ${bytesToHex(id)} was opened by ${accountIdToAddress(opener)}, who alone can cancel it up to slot ${proposal.expirySlot}.`,
      );
    }
    multisigProposals.delete(state, multisig, id);
    releaseDeposit(context, opener, proposal.deposit);
    multisigCancelled(context, multisig, id, sender);
    return null;
  },
});
