import { describe, expect, it } from 'vitest';
import { describeProgram } from '../scripts/reference/cli-page.ts';
import { listFiles, readText } from './repository.ts';

interface Example {
  readonly page: string;
  readonly line: string;
}

/** Every `./cairn …` that a page tells people to type. */
function examplesOf(page: string): Example[] {
  const blocks = readText(page).matchAll(/^```(?:sh|console)\n([\s\S]*?)^```/gm);
  return [...blocks]
    .flatMap(([, block = '']) => [...block.matchAll(/^(?:\$ )?\.\/cairn +(.+)$/gm)])
    .map(([, line = '']) => ({ page, line: line.replace(/\s+#.*$/, '') }));
}

/** Words as a shell splits them; no page uses more of it than quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** What is wrong with a command line, by the commands' own declarations; null when it would be understood. */
function findMistake(line: string): string | null {
  let { program: command } = describeProgram();
  const words = wordsOf(line);
  while (command.commands.length > 0) {
    const name = words.shift();
    if (name === '--help') return null;
    const found = command.commands.find((child) => child.name() === name);
    if (found === undefined) return `there is no command ${name}`;
    command = found;
  }
  let values = 0;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('--')) {
      values += 1;
      continue;
    }
    const option = command.options.find(({ long }) => long === word);
    if (option === undefined && word !== '--help') return `there is no option ${word}`;
    if (option?.required === true && words.shift() === undefined) return `${word} has no value`;
  }
  const declared = command.registeredArguments;
  const least = declared.filter(({ required }) => required).length;
  const most = declared.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : declared.length;
  return values < least || values > most ? `it takes ${least} to ${most} values, not ${values}` : null;
}

const examples = listFiles('*.md').flatMap(examplesOf);

describe('the commands that pages tell people to type', () => {
  it('are many', () => expect(examples.length).toBeGreaterThan(30));

  it.each(examples)('$page: ./cairn $line', ({ page, line }) => {
    expect(findMistake(line), `${page}: ./cairn ${line}`).toBeNull();
  });

  it('would be found out if they did not exist', () => {
    expect(findMistake('subnet shwo 1')).toBe('there is no command shwo');
    expect(findMistake('up --prot 1')).toBe('there is no option --prot');
    expect(findMistake('subnet show')).toBe('it takes 1 to 1 values, not 0');
  });
});
