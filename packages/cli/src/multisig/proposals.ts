import { askAllPages } from '../answer/ask-node.ts';
import { asAddress, asAmount, asHex, asList, asObject, type Checked } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';

const asProposal = asObject({
  proposal: asHex,
  callHash: asHex,
  approvals: asList(asAddress),
  expirySlot: asAmount,
  deposit: asAmount,
});
export type Proposal = Checked<typeof asProposal>;

/** Calls of a multisig account that wait for approvals. */
export async function fetchProposals(connection: Connection, multisig: string): Promise<Proposal[]> {
  return askAllPages(
    connection,
    'accounts_multisigProposals',
    { multisig },
    asProposal,
    ({ proposal }) => proposal,
  );
}
