import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { TrainingError } from '../errors.ts';
import type { SourceRecipe } from '../recipe/read-data.ts';
import { cutText, type Document, MAX_DOCUMENT_LENGTH, malformedData, parseLine } from './documents.ts';
import { readParquet } from './read-parquet.ts';

const ENDINGS: Readonly<Record<SourceRecipe['kind'], readonly string[]>> = {
  text: ['.txt', '.md', '.text', '.csv', '.html', '.ts', '.js', '.py', '.c', '.rs', '.go', '.java'],
  jsonl: ['.jsonl', '.ndjson'],
  chat: ['.jsonl', '.ndjson', '.parquet'],
  parquet: ['.parquet'],
};

/** Larger files of text are refused: they would not fit a text of JavaScript. */
const MAX_TEXT_BYTES = 1 << 28;
/** Most files of one source. */
const MAX_FILES = 1_000_000;

/**
 * The documents of a file or of all files of a folder, by name, that have an ending of their kind. Every call reads
 * them anew, in the same order.
 *
 * @param path of the file or folder.
 * @throws TrainingError `DATA_MALFORMED`, `PACKAGE_MISSING` (Parquet)
 */
export async function* readSource(
  path: string,
  { kind, field }: Pick<SourceRecipe, 'kind' | 'field'>,
): AsyncGenerator<Document, void> {
  let found = 0;
  for await (const file of listFiles(path, ENDINGS[kind])) {
    found += 1;
    if (found > MAX_FILES) throw malformedData(path, null, `holds more than ${MAX_FILES} files`);
    if (extname(file) === '.parquet') yield* readParquet(file, kind === 'chat' ? 'chat' : 'jsonl', field);
    else if (kind === 'text') yield* readText(file);
    else yield* readLines(file, kind === 'chat' ? 'chat' : 'jsonl', field);
  }
  if (found === 0) throw malformedData(path, null, `holds no file ending in ${ENDINGS[kind].join(', ')}`);
}

/** A file itself; the files of a folder and of those inside, in the order of their names. Links are not followed. */
async function* listFiles(path: string, endings: readonly string[]): AsyncGenerator<string, void> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw new TrainingError(
      { code: 'DATA_MALFORMED', source: path, line: null, reason: 'is not there' },
      `The data ${path} is not there. Check the path, which is relative to the recipe.`,
      { cause },
    );
  });
  if (facts.isFile()) {
    yield path;
    return;
  }
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) yield* listFiles(inner, endings);
    else if (entry.isFile() && endings.includes(extname(entry.name).toLowerCase())) yield inner;
  }
}

async function* readText(path: string): AsyncGenerator<Document, void> {
  const { size } = await stat(path);
  if (size > MAX_TEXT_BYTES)
    throw malformedData(path, null, 'is larger than 256 MiB; cut it into several files');
  const text = new TextDecoder('utf-8', { fatal: true });
  const bytes = await readFile(path);
  try {
    yield* cutText(text.decode(bytes));
  } catch (cause) {
    if (cause instanceof TypeError) throw malformedData(path, null, 'is not text in UTF-8');
    throw cause;
  }
}

async function* readLines(
  path: string,
  kind: 'jsonl' | 'chat',
  field: string,
): AsyncGenerator<Document, void> {
  let line = 0;
  for await (const text of linesOf(path)) {
    line += 1;
    if (text.trim() !== '') yield parseLine(text, kind, field, basename(path), line);
  }
}

/** The lines of a file, without their ends. A line that grows longer than any document may be ends the reading. */
async function* linesOf(path: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  try {
    for await (const part of createReadStream(path)) {
      const lines = (rest + decoder.decode(part as Buffer, { stream: true })).split('\n');
      rest = lines.pop() as string;
      if (rest.length > MAX_DOCUMENT_LENGTH)
        throw malformedData(basename(path), null, 'has a line over 8 MiB');
      yield* lines;
    }
    rest += decoder.decode();
  } catch (cause) {
    if (cause instanceof TypeError) throw malformedData(path, null, 'is not text in UTF-8');
    throw cause;
  }
  if (rest !== '') yield rest;
}
