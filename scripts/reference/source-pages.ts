import { code, markdownTable, pageHead } from './markdown.ts';
import { commentText, readSources, type SourceFile, untilClosed } from './source-text.ts';

const link = ({ path }: SourceFile) => `[${path.replace(/^packages\//, '')}](../../${path})`;

/** Every problem a transaction can meet, read from the calls that make them. */
function transactionProblems(): string[][] {
  const rows = new Map<string, string[]>();
  for (const source of readSources('packages/ledger/src/**/*.ts')) {
    for (const found of source.text.matchAll(/\b(?:problem|refuse)\(\s*'([A-Z0-9_]+)',/g)) {
      const rest = untilClosed(source.text, found.index + found[0].length);
      const key = `${found[1]} ${source.path}`;
      rows.set(key, [code(found[1]!), messageText(rest), link(source)]);
    }
  }
  return [...rows.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

/** A message as people see it, with `…` for each value. */
function messageText(argument: string): string {
  const texts = [...argument.matchAll(/`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)];
  const text = texts.map(([, template, single, double]) => template ?? single ?? double ?? '').join(' ');
  if (text === '') return 'Says what is wrong.';
  return text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…').replace(/\\(.)/g, '$1');
}

interface Union {
  readonly name: string;
  readonly source: SourceFile;
  readonly problems: readonly (readonly [code: string, fields: string])[];
}

/** The `XProblem` unions of the rooms, one for each class of error. */
function problemUnions(): Union[] {
  return readSources('packages/*/src/**/*.ts').flatMap((source) =>
    [...source.text.matchAll(/export type (\w+Problem) =([\s\S]*?)};?\n(?!\s*\|)/g)].map(
      ([, name = '', body = '']) => ({
        name,
        source,
        problems: [...`${body}}`.matchAll(/code:\s*'([A-Z0-9_]+)'\s*;?([^}]*)\}/g)].map(
          ([, problem = '', fields = '']) =>
            [
              problem,
              fields
                .replace(/\/\*\*[\s\S]*?\*\//g, '')
                .replace(/\breadonly (?=\w+:)/g, '')
                .replace(/\s+/g, ' ')
                .trim(),
            ] as const,
        ),
      }),
    ),
  );
}

export function errorsPage(): string {
  const unions = problemUnions().filter(({ problems }) => problems.length > 0);
  const sections = unions.map(
    ({ name, source, problems }) =>
      `### ${name.replace(/Problem$/, 'Error')}\n\nDeclared in ${link(source)}.\n\n${markdownTable(
        ['code', 'fields'],
        problems.map(([problem, fields]) => [
          code(problem),
          fields === '' ? '' : code(fields.replace(/;$/, '')),
        ]),
      )}`,
  );
  return `${pageHead('Errors', 'the source, where each code is made')}
Codes are stable; messages may change. \`…\` stands for a value.

## Refused transactions

A transaction that is refused when it is submitted costs nothing. One that is refused in a block pays its fee and changes nothing else; its result carries code and message.

${markdownTable(['code', 'message', 'where'], transactionProblems())}
## Errors of the rooms

Each room has one class of errors. The code is on the error as \`code\`, in JSON-RPC as \`data.code\`, and in the CLI's \`--json\` output.

${sections.join('\n')}`;
}

/** Events whose place in the source has no sentence of its own. */
const NOTES: Readonly<Record<string, string>> = {
  'chain.committed': 'A block is on disk. The last event of its height.',
};

export function eventsPage(): string {
  const rows = readSources('packages/{ledger,chain}/src/**/*.ts').flatMap((source) =>
    [...source.text.matchAll(/(?:\bemit\(|\bname: )\s*'([a-z]+\.[a-zA-Z]+)'/g)]
      .filter(
        (found) =>
          source.path.endsWith('events.ts') || found[0].startsWith('emit') || found[1]!.startsWith('chain.'),
      )
      .map((found) => [
        code(found[1]!),
        NOTES[found[1]!] ?? commentBefore(source.text, found.index),
        link(source),
      ]),
  );
  const sorted = rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return `${pageHead('Events', 'the source, where each event is made')}
What happened in a block, as [\`chain_events\`](rpc.md#chain_events) and [subscriptions](rpc.md#subscriptions) give it. The first half of a name is the module, the second what happened.

${markdownTable(['event', 'note', 'where'], sorted)}`;
}

/** The doc comment of the function around `index`, if it has one. */
function commentBefore(text: string, index: number): string {
  const start = text.lastIndexOf('export function', index);
  if (start < 0) return '';
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, start));
  return comment === null ? '' : commentText(comment[1]!);
}
