import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { createConfigCommand } from './config/command.ts';
import { createConformanceCommand } from './conformance/command.ts';
import { createTestCommand } from './test-command/command.ts';

/** Every command, ready to parse. What it imports while parsing is small: actions bring their own parts. */
export function createProgram(cli: Cli): Command {
  const program = new Command('cairn')
    .description('An open network in which anyone can host, find, use, score, train and own AI models.')
    .version(cli.version)
    .addHelpText('after', '\nExample:\n  $ ./cairn up');
  for (const command of [createConfigCommand(cli), createConformanceCommand(cli), createTestCommand()]) {
    program.addCommand(command);
  }
  settle(program, cli);
  return program;
}

/** commander throws instead of ending the process, writes where we write, and leaves errors to `runCli`. */
function settle(command: Command, cli: Cli): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => cli.terminal.out.write(text),
    writeErr: (text) => cli.terminal.err.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(cli.terminal.out.columns, 100),
    getErrHelpWidth: () => Math.min(cli.terminal.err.columns, 100),
  });
  for (const child of command.commands) settle(child, cli);
}
