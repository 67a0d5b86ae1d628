import type { Command } from 'commander';
import { fetchParameterList } from '../answer/parameters.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { exactCairn } from '../terminal/format.ts';
import { parseTerms, type TermFlags } from './terms.ts';
import { fetchGovernance } from './views.ts';

interface Flags extends CommonFlags, TermFlags {
  readonly wallet: string;
  readonly description?: string;
}

/** `cairn proposal create` */
export function createProposalCreateCommand(cli: Cli): Command {
  return defineCommand({
    name: 'create',
    help: 'Puts a change to the vote of all who stake. Its bond comes back unless most vote against it.',
    examples: [
      'proposal create "Lower fees" --set feeBase=5000 --wallet savings',
      'proposal create "Stop payments" --pause channels --slots 100 --wallet savings',
      'proposal create "A model for maps" --grant cairn1… --milestone 500:100000 --wallet savings',
    ],
    node: true,
    spends: true,
  })
    .argument('<title>', 'what it is about, in a few words')
    .requiredOption('--wallet <wallet>', 'who proposes and pays: a name from wallet list')
    .option('--description <text>', 'why')
    .option('--set <name=value...>', 'parameters or rule versions to change together')
    .option('--pause <module>', 'a module to pause; --slots 0 ends its pause')
    .option('--slots <slots>', 'how long the pause lasts')
    .option('--grant <address>', 'who the treasury pays, by milestones')
    .option('--milestone <cairn:slots...>', 'what a milestone pays, and slots from now until its deadline')
    .option('--council <address...>', 'who takes the place of the council')
    .option('--agreement <count>', 'how many of the council have to agree')
    .action(async (title: string, flags: Flags) => {
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      const connection = await connectNode(cli, flags);
      const [parameters, { bond, slot }] = await Promise.all([
        fetchParameterList(connection),
        fetchGovernance(connection),
      ]);
      // It rises a little with every slot until issuance is full.
      const bondLimit = (BigInt(bond) * 101n) / 100n;
      const { value, details } = parseTerms(flags, parameters, BigInt(slot));
      await spend(cli, flags, connection, flags.wallet, {
        message: 'governance.propose',
        value: { ...value, title, bondLimit, description: flags.description ?? '' },
        what: `Propose "${title}" (${value.kind})`,
        amount: BigInt(bond),
        details: [
          ...details,
          [
            'bond',
            `now ${exactCairn(BigInt(bond))}, at most ${exactCairn(bondLimit)}; lost only when most vote against`,
          ],
          ['deposit', 'refundable, for the bytes of its record'],
        ],
      });
    });
}
