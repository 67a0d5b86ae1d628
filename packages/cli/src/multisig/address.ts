import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { renderFields } from '../terminal/output.ts';
import { MULTISIG_OPTIONS, type MultisigFlags } from './options.ts';

/** `cairn multisig address` */
export function createMultisigAddressCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'address',
    help: 'Shows the address of several accounts that act together. There is nothing to create: pay it and it is there.',
    examples: ['multisig address --members owner,gateway,cairn1… --threshold 2'],
    node: true,
  });
  for (const [spec, help] of MULTISIG_OPTIONS) command.requiredOption(spec, help);
  return command.action(async (flags: CommonFlags & MultisigFlags) => {
    const { accountIdToAddress } = await import('@cairn/core');
    const { connectNode } = await import('../connect.ts');
    const { readMultisig } = await import('./members.ts');
    const { address, members, threshold } = await readMultisig(cli, await connectNode(cli, flags), flags);
    const listed = members.map(accountIdToAddress);
    outputOf(cli, flags).result({ address, members: listed, threshold }, () =>
      renderFields([
        ['address', address],
        ['needs', `${threshold} of ${listed.length}`],
        ...listed.map((member) => ['member', member] as const),
      ]),
    );
  });
}
