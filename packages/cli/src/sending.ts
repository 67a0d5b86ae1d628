import type { Command } from 'commander';
import { describeEvents } from './chain/describe-event.ts';
import type { Cli } from './cli.ts';
import { type CommandOptions, type CommonFlags, defineCommand } from './command.ts';
import type { Connection } from './connect.ts';
import type { Outcome, Sent, Spending } from './spend.ts';

export type SendingFlags = CommonFlags & { readonly wallet: string };

type Described = readonly [spec: string, help: string];

/** What a command that sends one message has in hand. */
export interface SendingContext<F> {
  readonly cli: Cli;
  readonly connection: Connection;
  /** Who signs. */
  readonly payer: { readonly name: string; readonly address: string };
  /** The arguments, in order. */
  readonly words: readonly string[];
  readonly flags: F;
}

export interface SendingCommand<F> extends Pick<CommandOptions, 'name' | 'help' | 'examples'> {
  readonly words?: readonly Described[];
  readonly required?: readonly Described[];
  readonly options?: readonly Described[];
  build(context: SendingContext<F>): Promise<Spending>;
}

/** A command that turns its arguments into one message, shows it, asks, sends it and tells its events. */
export function defineSending<F extends SendingFlags>(cli: Cli, definition: SendingCommand<F>): Command {
  const { name, help, examples, words = [], required = [], options = [], build } = definition;
  const command = defineCommand({ name, help, examples, node: true, spends: true });
  for (const [spec, text] of words) command.argument(spec, text);
  for (const [spec, text] of required) command.requiredOption(spec, text);
  for (const [spec, text] of options) command.option(spec, text);
  return command
    .requiredOption('--wallet <wallet>', 'who signs: a name from wallet list, or savings/1 for a hotkey')
    .action(async (...given: unknown[]) => {
      const typed = given.slice(0, words.length) as string[];
      const flags = given[words.length] as F;
      const { connectNode } = await import('./connect.ts');
      const { findPayer } = await import('./sender.ts');
      const { spend } = await import('./spend.ts');
      const connection = await connectNode(cli, flags);
      const payer = await findPayer(cli, connection, flags.wallet);
      const spending = await build({ cli, connection, payer, words: typed, flags });
      await spend(cli, flags, connection, payer, {
        outcome: async ({ events }) => describeOutcome(cli, events),
        ...spending,
      });
    });
}

/** The events of a transaction, which name what it made: a proposal, a fund, a scheduled call. */
export function describeOutcome({ terminal }: Cli, events: Sent['events']): Outcome {
  return { isDone: true, value: {}, lines: describeEvents(events, terminal.out.columns) };
}
