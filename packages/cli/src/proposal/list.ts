import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCairn } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { fetchGovernance, nextOf, type ProposalView, shareFor } from './views.ts';

/** `cairn proposal list` */
export function createProposalListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists proposals, the treasury, the council and paused modules.',
    examples: ['proposal list', 'proposal list --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { askAllPages } = await import('../answer/ask-node.ts');
    const { asProposal } = await import('./views.ts');
    const connection = await connectNode(cli, flags);
    const [governance, proposals] = await Promise.all([
      fetchGovernance(connection),
      askAllPages<ProposalView>(connection, 'governance_proposals', {}, asProposal, ({ id }) => id),
    ]);
    const output = outputOf(cli, flags);
    output.result({ ...governance, proposals }, () => [
      ...(proposals.length === 0
        ? ['No proposals. Make one with ./cairn proposal create.']
        : renderTable(
            [
              { header: 'ID', align: 'right' },
              { header: 'KIND' },
              { header: 'STATE' },
              { header: 'FOR CAIRN', align: 'right' },
              { header: 'NEEDED CAIRN', align: 'right' },
              { header: 'SHARE FOR', align: 'right' },
              { header: 'TITLE', cut: true },
              { header: 'NEXT', cut: true },
            ],
            proposals.map((proposal) => [
              String(proposal.id),
              printable(proposal.kind),
              printable(proposal.state),
              formatCairn(BigInt(proposal.votesFor.capital)),
              formatCairn(BigInt(proposal.quorum)),
              shareFor(proposal),
              printable(proposal.title),
              nextOf(proposal, governance.slot),
            ]),
            output.columns,
          )),
      '',
      `Treasury ${exactCairn(BigInt(governance.treasury))}; a council of ${governance.council.members.length}, of whom ${governance.council.agreement} have to agree.`,
      ...governance.pauses.map(
        ({ module, untilSlot }) =>
          `Module ${printable(module)} is paused until slot ${untilSlot}, this is ${governance.slot}.`,
      ),
    ]);
  });
}
