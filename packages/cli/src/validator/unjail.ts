import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

/** `cairn validator unjail` */
export function createValidatorUnjailCommand(cli: Cli): Command {
  return defineCommand({
    name: 'unjail',
    help: 'Lets a consensus key vote again that was jailed for missing votes, when its time is over.',
    examples: ['validator unjail cairn1… --wallet savings/1'],
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
        message: 'validators.unjail',
        value: { validator },
        what: 'Let the validator vote again',
        amount: 0n,
        details: [['validator', address]],
      });
    });
}
