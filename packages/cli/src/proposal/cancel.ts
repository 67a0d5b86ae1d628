import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';
import { PROPOSAL_WORD } from './views.ts';

/** `cairn proposal cancel` */
export function createProposalCancelCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'cancel',
    help: 'Takes an open proposal of yours back, with its bond, while nobody has voted against it.',
    examples: ['proposal cancel 1 --wallet savings'],
    words: [PROPOSAL_WORD],
    async build({ connection, words: [given = ''] }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { fetchProposal, parseProposal } = await import('./views.ts');
      const proposal = parseProposal(given);
      const { title, state, bond, votesAgainst } = await fetchProposal(connection, proposal);
      return {
        message: 'governance.cancelProposal',
        value: { proposal },
        what: `Cancel proposal ${proposal}: ${title}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['state', state],
          ['against', `${exactCairn(BigInt(votesAgainst.capital))} of stake; it has to be none`],
          ['bond', `${exactCairn(BigInt(bond))} come back`],
        ],
        plan: { proposal, bond },
      };
    },
  });
}
