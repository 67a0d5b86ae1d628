import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly value: string;
}

/** `cairn tx send` */
export function createTxSendCommand(cli: Cli): Command {
  return defineCommand({
    name: 'send',
    help: 'Sends any message by its name, with its fields as JSON. tx messages lists them.',
    examples: [
      'tx send accounts.transfer --value \'{"to":"cairn1…","amount":"1500000000"}\' --wallet savings --dry-run',
      'tx send yuma.setWeights --value @weights.json --wallet savings/1 --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<message>', 'its name, such as staking.setTake')
    .requiredOption('--value <json>', 'its fields; @path reads a file, - what is piped in')
    .requiredOption('--wallet <wallet>', 'who signs: a name from wallet list, or savings/1 for a hotkey')
    .action(async (name: string, flags: Flags) => {
      const { describeValue, parseMessage, readValue } = await import('./message-value.ts');
      const { message, value, json } = parseMessage(name, await readValue(cli, flags.value));
      const { connectNode } = await import('../connect.ts');
      const { describeOutcome } = await import('../sending.ts');
      const { spend } = await import('../spend.ts');
      await spend(cli, flags, await connectNode(cli, flags), flags.wallet, {
        message,
        value,
        what: `Send ${message}`,
        amount: null,
        details: describeValue(json),
        plan: { value: json },
        outcome: async ({ events }) => describeOutcome(cli, events),
      });
    });
}
