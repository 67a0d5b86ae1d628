import type { Terminal } from './terminal.ts';

/** What a command has to say, each in its place: the result once to standard output, all else to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** Columns results may take. */
  readonly columns: number;
  /** The one result: the object with `--json`, else the lines. Amounts are bigints and print as text. */
  result(value: object | null, lines: () => readonly string[]): void;
  /** A remark for a person. */
  note(line: string): void;
}

export function createOutput(terminal: Terminal, isJson: boolean): Output {
  return {
    isJson,
    columns: terminal.out.columns,
    result(value, lines) {
      const printed = isJson ? [toJson(value)] : lines();
      if (printed.length > 0) terminal.out.write(`${printed.join('\n')}\n`);
    },
    note(line) {
      terminal.err.write(`${line}\n`);
    },
  };
}

/** One line of JSON; bigints as decimal text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => (typeof entry === 'bigint' ? entry.toString() : entry));
}

/** Lines of `name  value`, the names in one column. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd());
}
