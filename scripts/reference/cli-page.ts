import type { Cli } from '../../packages/cli/src/cli.ts';
import { createProgram } from '../../packages/cli/src/program.ts';
import { anchorOf, markdownTable, pageHead } from './markdown.ts';

type Command = ReturnType<typeof createProgram>;

/** The program as it is typed into a terminal of a hundred columns; it only prints its help here. */
export function describeProgram(): { program: Command; help: (command: Command) => string } {
  let written = '';
  const screen = {
    write: (text: string) => {
      written += text;
    },
    columns: 100,
    rows: 40,
    isLive: false,
  };
  const refuse = () => Promise.reject(new Error('Help asks nothing.'));
  const cli: Cli = {
    terminal: { out: screen, err: screen, canAsk: false, ask: refuse, readAll: refuse },
    environment: {},
    folder: '/',
    signal: new AbortController().signal,
    nowMs: () => 0,
    version: '',
    root: '/',
  };
  return {
    program: createProgram(cli, refuse),
    help(command) {
      written = '';
      command.outputHelp();
      return written.trimEnd();
    },
  };
}

function leaves(command: Command, path: readonly string[]): { name: string; command: Command }[] {
  const verbs = command.commands.filter((child) => child.name() !== 'help');
  if (verbs.length === 0) return [{ name: path.join(' '), command }];
  return verbs.flatMap((child) => leaves(child, [...path, child.name()]));
}

export function cliPage(): string {
  const { program, help } = describeProgram();
  const commands = leaves(program, []);
  const table = markdownTable(
    ['command', 'what it does'],
    commands.map(({ name, command }) => [`[${name}](#${anchorOf(name)})`, command.description()]),
  );
  const sections = commands.map(
    ({ name, command }) => `## ${name}\n\n\`\`\`text\n${help(command)}\n\`\`\`\n`,
  );
  return `${pageHead('Commands', "[the commands' own help](../../packages/cli/src/program.ts)")}
Run from the checkout as \`./cairn …\`. Results go to stdout, everything else to stderr; \`--json\` prints one object and nothing else. Exit code 0: done, 1: failed, 2: misused, 130: interrupted.

${table}
${sections.join('\n')}`;
}
