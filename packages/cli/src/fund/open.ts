import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & {
  readonly goal: string;
  readonly min: string;
  readonly slot?: string;
  readonly in?: string;
  readonly owner?: string;
};

/** `cairn fund open` */
export function createFundOpenCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'open',
    help: 'Opens a fund with which many people pay for a subnet together. It comes back when the goal is missed.',
    examples: ['fund open weather --goal 120 --min 1 --in 60000 --wallet savings'],
    words: [['<name>', 'name of the subnet to be']],
    required: [
      ['--goal <cairn>', 'CAIRN wanted, and the most that are taken'],
      ['--min <cairn>', 'least contribution, at least a 500th of the goal'],
    ],
    options: [
      ['--slot <slot>', 'last slot in which it takes contributions'],
      ['--in <slots>', 'or for how many slots from now'],
      ['--owner <account>', 'who will own the subnet (default: who signs)'],
    ],
    async build({ connection, payer, words: [name = ''], flags }) {
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { resolveSlot } = await import('../tx/parse.ts');
      const goal = parseAmount(flags.goal);
      const minContribution = parseAmount(flags.min);
      const endSlot = await resolveSlot(connection, flags);
      const owner =
        flags.owner === undefined
          ? payer.address
          : (await resolveAccount(cli, connection, flags.owner)).address;
      return {
        message: 'crowdfunding.open',
        value: { name, owner: addressToAccountId(owner), goal, minContribution, endSlot },
        what: `Open a fund for subnet ${name}`,
        amount: 0n,
        details: [
          ['goal', exactCairn(goal)],
          ['least', `${exactCairn(minContribution)} a contribution`],
          ['until slot', endSlot.toString()],
          ['owner', owner],
          ['deposit', 'refundable, for the record'],
        ],
        plan: { name, owner, goal, minContribution, endSlot },
      };
    },
  });
}
