import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { createOutput, type Output } from './terminal/output.ts';

/** Flags that come with several commands. */
export interface CommonFlags {
  readonly json?: true;
  readonly data?: string;
  readonly rpc?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

export interface CommandOptions {
  readonly name: string;
  readonly help: string;
  /** What to type, without `./cairn`; at least one. */
  readonly examples: readonly string[];
  /** Takes `--data`: it reads the folder of a node. */
  readonly data?: true;
  /** Takes `--data` and `--rpc`: it asks a running node. */
  readonly node?: true;
  /** Takes `--yes` and `--dry-run`: it spends or deletes. */
  readonly spends?: true;
}

/** A command with the flags that its kind has everywhere. */
export function defineCommand({ name, help, examples, data, node, spends }: CommandOptions): Command {
  const command = new Command(name).description(help);
  if (data === true || node === true) {
    command.option('--data <folder>', 'folder of the node (default: ~/.cairn)');
  }
  if (node === true) command.option('--rpc <url>', 'ask the node at this address instead of the local one');
  if (spends === true) {
    command.option('--yes', 'do it without asking');
    command.option('--dry-run', 'show what would be done and stop');
  }
  command.option('--json', 'print one JSON object');
  const lines = examples.map((example) => `  $ ./cairn ${example}`);
  return command.addHelpText(
    'after',
    `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`,
  );
}

/** A noun with its verbs. */
export function defineNoun(name: string, help: string, verbs: readonly Command[]): Command {
  const noun = new Command(name).description(help);
  for (const verb of verbs) noun.addCommand(verb);
  return noun;
}

export function outputOf(cli: Cli, flags: CommonFlags): Output {
  return createOutput(cli.terminal, flags.json === true);
}
