import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import {
  fetchGovernance,
  fetchProposal,
  nextOf,
  type ProposalView,
  parseProposal,
  shareFor,
} from './views.ts';

/** `cairn proposal show` */
export function createProposalShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows what a proposal would do and how its vote stands.',
    examples: ['proposal show 1'],
    node: true,
  })
    .argument('<proposal>', 'number of the proposal')
    .action(async (given: string, flags: CommonFlags) => {
      const id = parseProposal(given);
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const [proposal, { slot }] = await Promise.all([
        fetchProposal(connection, id),
        fetchGovernance(connection),
      ]);
      outputOf(cli, flags).result({ proposal, slot }, () => [
        ...renderFields([
          ['proposal', `${proposal.id}  ${printable(proposal.title)}`],
          ['kind', printable(proposal.kind)],
          ['state', printable(proposal.state)],
          ['next', nextOf(proposal, slot)],
          ['by', printable(proposal.proposer)],
          ['bond', exactCairn(BigInt(proposal.bond))],
          ...termsOf(proposal),
          [
            'for',
            `${exactCairn(BigInt(proposal.votesFor.capital))} of stake, ${shareFor(proposal)} of the votes`,
          ],
          ['against', `${exactCairn(BigInt(proposal.votesAgainst.capital))} of stake`],
          [
            'needs',
            `${exactCairn(BigInt(proposal.quorum))} of stake for it, and more than ${Number(proposal.approvalBps) / 100} % of the votes`,
          ],
        ]),
        ...(proposal.description === '' ? [] : ['', printable(proposal.description)]),
      ]);
    });
}

function* termsOf({ changes, pause, grant, council }: ProposalView): Generator<readonly [string, string]> {
  for (const { name, value } of changes) yield ['sets', `${printable(name)} to ${value}`];
  if (pause !== null) yield ['pauses', `${printable(pause.module)} for ${pause.slots} slots`];
  if (grant !== null) yield ['pays', printable(grant.payee)];
  for (const { amount, deadlineSlot, state } of grant?.milestones ?? [])
    yield ['milestone', `${exactCairn(BigInt(amount))} until slot ${deadlineSlot}, ${printable(state)}`];
  if (council !== null) yield ['agreement', `${council.agreement} of ${council.members.length}`];
  for (const member of council?.members ?? []) yield ['council', printable(member)];
}
