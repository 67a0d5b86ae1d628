import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

export interface OwnValidatorCommand {
  readonly name: string;
  readonly help: string;
  /** A message that names a validator and nothing else. */
  readonly message: string;
  /** What the person is asked to agree to. */
  readonly what: string;
}

/** A command by which a hotkey says something of the consensus key that votes for it. */
export function createOwnValidatorCommand(
  cli: Cli,
  { name, help, message, what }: OwnValidatorCommand,
): Command {
  return defineCommand({
    ...{ name, help, node: true, spends: true },
    examples: [`validator ${name} cairn1… --wallet savings/1`],
  })
    .argument('<validator>', 'its address, from validator list')
    .requiredOption('--wallet <hotkey>', 'the hotkey it votes for: savings/1 is the first of wallet savings')
    .action(async (address: string, flags: Flags) => {
      const validator = addressToAccountId(address);
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      await spend(cli, flags, await connectNode(cli, flags), flags.wallet, {
        ...{ message, what, value: { validator }, amount: 0n, deposit: 0n },
        details: [['validator', address]],
      });
    });
}
