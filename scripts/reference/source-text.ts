import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A source file, by its path from the root of the checkout. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export function readSources(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
}

/** The text up to the bracket that closes the one just before `start`. */
export function untilClosed(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if ('{[('.includes(text[at]!)) depth += 1;
    if ('}])'.includes(text[at]!)) depth -= 1;
    if (depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}

/** A doc comment as one line, without its tags. */
export function commentText(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, '')
    .split(/\n\s*@/)[0]!
    .replace(/\s+/g, ' ')
    .trim();
}
