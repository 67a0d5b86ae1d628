import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { Connection } from '../connect.ts';
import { CliError, usage } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { PROPOSAL_WORD } from './views.ts';

const EFFECTS = {
  delay: 'when enough of the council ask, its enactment is put off, once',
  cancel: 'when enough of the council ask, it is cancelled and its bond comes back',
} as const;

/** `cairn proposal council` */
export function createProposalCouncilCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'council',
    help: 'Asks, as a member of the council, to put off the enactment of a proposal or to cancel it.',
    examples: ['proposal council 1 delay --wallet savings', 'proposal council 1 cancel --wallet savings'],
    words: [PROPOSAL_WORD, ['<action>', 'delay: put its enactment off, once; cancel: end it']],
    async build({ connection, payer, words: [given = '', action = ''] }) {
      const { fetchProposal, parseProposal } = await import('./views.ts');
      const proposal = parseProposal(given);
      if (action !== 'delay' && action !== 'cancel')
        throw usage(`The council can delay or cancel, not ${action}.`);
      const [{ title, state, enactSlot }, council] = await Promise.all([
        fetchProposal(connection, proposal),
        requireMember(connection, payer.address),
      ]);
      return {
        message: 'governance.councilAct',
        value: { proposal, action },
        what: `Ask the council to ${action} proposal ${proposal}: ${title}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['state', state],
          ...(enactSlot === '0' ? [] : [['enacted', `at slot ${enactSlot}`] as const]),
          ['effect', EFFECTS[action]],
          ['needs', `${council.agreement} of ${council.members.length} members`],
        ],
        plan: { proposal, action, needs: council.agreement },
      };
    },
  });
}

/** `cairn proposal confirm` */
export function createProposalConfirmCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'confirm',
    help: 'Confirms, as a member of the council, that a milestone of a grant is reached.',
    examples: ['proposal confirm 2 0 --wallet savings'],
    words: [PROPOSAL_WORD, ['<milestone>', 'its place among the milestones, from 0']],
    async build({ connection, payer, words: [given = '', place = ''] }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { fetchMilestone } = await import('./milestone.ts');
      const { proposal, index, title, payee, milestone } = await fetchMilestone(connection, given, place);
      const council = await requireMember(connection, payer.address);
      return {
        message: 'governance.completeMilestone',
        value: { proposal, milestone: index },
        what: `Confirm milestone ${index} of proposal ${proposal}: ${title}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['state', milestone.state],
          ['pays', `${exactCairn(BigInt(milestone.amount))} of the treasury to ${payee}`],
          ['deadline', `slot ${milestone.deadlineSlot}`],
          ['needs', `${council.agreement} of ${council.members.length} members`],
        ],
        plan: { proposal, milestone: index, needs: council.agreement },
      };
    },
  });
}

/** `cairn proposal claim` */
export function createProposalClaimCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'claim',
    help: 'Pays a confirmed milestone of a grant to its payee, whoever asks.',
    examples: ['proposal claim 2 0 --wallet savings'],
    words: [PROPOSAL_WORD, ['<milestone>', 'its place among the milestones, from 0']],
    async build({ connection, words: [given = '', place = ''] }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { fetchMilestone } = await import('./milestone.ts');
      const { proposal, index, title, payee, milestone } = await fetchMilestone(connection, given, place);
      if (milestone.state !== 'confirmed') {
        throw new CliError(
          { code: 'NOTHING_TO_CLAIM', what: `milestone ${index} of proposal ${proposal}` },
          `Milestone ${index} of proposal ${proposal} is ${milestone.state}; only a confirmed one is paid.`,
        );
      }
      return {
        message: 'governance.claimGrant',
        value: { proposal, milestone: index },
        what: `Pay milestone ${index} of proposal ${proposal}: ${title}`,
        amount: 0n,
        deposit: 0n,
        details: [['pays', `${exactCairn(BigInt(milestone.amount))} of the treasury to ${payee}`]],
        plan: { proposal, milestone: index, payee, paid: milestone.amount },
      };
    },
  });
}

/** @throws CliError `NOT_COUNCIL` */
async function requireMember(
  connection: Connection,
  address: string,
): Promise<{ readonly members: readonly string[]; readonly agreement: number }> {
  const { fetchGovernance } = await import('./views.ts');
  const { council } = await fetchGovernance(connection);
  if (council.members.includes(address)) return council;
  throw new CliError(
    { code: 'NOT_COUNCIL', account: address },
    `${address} is not in the council. See ./cairn proposal list.`,
  );
}
