import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { exactCairn, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { defineVerifyCommand, type VerifyFlags } from './define.ts';

/** `cairn verify grant` */
export function createVerifyGrantCommand(cli: Cli): Command {
  return defineVerifyCommand(
    'grant',
    'Shows a grant and what is paid of it, proved by the votes for a block.',
    ['verify grant 12', 'verify grant 12 --json'],
  )
    .argument('<proposal>', 'number of the proposal that asked for it')
    .action(async (given: string, flags: VerifyFlags) => {
      if (!/^[1-9]\d{0,8}$/.test(given))
        throw usage(`A grant is named by the number of its proposal, not ${given}.`);
      const { accountIdToAddress } = await import('@cairn/core');
      const { describeStateValue, proposalFromState, proposalStateKey } = await import('@cairn/sdk');
      const { openVerifier, vouchingOf } = await import('./verifier.ts');
      const { renderVouching } = await import('./render.ts');
      const verifier = await openVerifier(cli, flags);
      const key = proposalStateKey(Number(given));
      const proved = await verifier.read(key);
      const proposal = proved.value === null ? null : proposalFromState(proved.value);
      const grant = proposal?.grant ?? null;
      if (proposal === null || grant === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `grant ${given}` },
          `It is proved that there is ${proposal === null ? `no proposal ${given}` : `no grant in proposal ${given}`}. ./cairn proposal list shows those there are.`,
        );
      }
      const vouching = vouchingOf(verifier, proved);
      const record = describeStateValue(key, proved.value!);
      outputOf(cli, flags).result({ proposal: Number(given), record, ...vouching }, () => [
        ...renderFields([
          ['grant', printable(proposal.title)],
          ['proposal', `${given}, ${proposal.state}`],
          ['pays', accountIdToAddress(grant.payee)],
          ...grant.milestones.map(
            ({ amount, state, deadlineSlot }, index) =>
              [
                `milestone ${index + 1}`,
                `${exactCairn(amount)}, ${state}, until slot ${formatCount(deadlineSlot)}`,
              ] as const,
          ),
        ]),
        '',
        ...renderVouching(vouching),
      ]);
    });
}
