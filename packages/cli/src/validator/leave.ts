import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

/** `cairn validator leave` */
export function createValidatorLeaveCommand(cli: Cli): Command {
  return defineCommand({
    name: 'leave',
    help: 'Takes a consensus key off the roster: its power goes with the next updates, then its deposit comes back.',
    examples: ['validator leave cairn1… --wallet savings/1'],
    node: true,
    spends: true,
  })
    .argument('<validator>', 'its address, from validator list')
    .requiredOption('--wallet <hotkey>', 'the hotkey it votes for: savings/1 is the first of wallet savings')
    .action(async (address: string, flags: Flags) => {
      const validator = addressToAccountId(address);
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      await spend(cli, flags, await connectNode(cli, flags), flags.wallet, {
        message: 'validators.leave',
        value: { validator },
        what: 'Leave the validators',
        amount: 0n,
        deposit: 0n,
        details: [['validator', address]],
      });
    });
}
