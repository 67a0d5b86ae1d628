import type { Command } from 'commander';

export interface PlainFlag {
  readonly plain?: true;
}

/** `--plain`, and what happens without it. */
export function addPlainOption(command: Command): Command {
  return command
    .option(
      '--plain',
      'send an order that everybody can read before its block, and save the price of sealing',
    )
    .addHelpText(
      'after',
      `
The order is sealed: a hash goes into one block, the order itself into a later one, so
that who makes blocks cannot trade ahead of it. If the command is stopped in between,
the order expires and costs its bond and nothing else; nothing was traded.`,
    );
}
