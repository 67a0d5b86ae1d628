import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ProvingError } from '../errors.ts';
import type { ConformanceCase, Tolerance } from './case.ts';

/**
 * Reads the cases of files and folders; a folder gives every `.json` file below it, in order of name.
 *
 * @throws ProvingError `VECTORS_UNREADABLE`, `VECTORS_MALFORMED`; the message names the file.
 */
export async function loadConformanceCases(paths: readonly string[]): Promise<ConformanceCase[]> {
  const cases: ConformanceCase[] = [];
  for (const path of paths) {
    for (const file of await listFiles(path)) {
      cases.push(...parseConformanceCases(await readFile(file, 'utf8'), file));
    }
  }
  return cases;
}

async function listFiles(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw new ProvingError(
      { code: 'VECTORS_UNREADABLE', path },
      `Vectors at ${path} cannot be read. Name a file or a folder of .json files.`,
      { cause },
    );
  }
}

/**
 * Cases of one file: a list of `{kind, input, expected, tolerance}`, or `{vectors: [{fn, …}]}` as scoring
 * mechanisms publish them, whose kind becomes `<file>.<fn>` (what they call kind is where a figure comes from).
 *
 * @param file path, for messages and names.
 * @throws ProvingError `VECTORS_MALFORMED`
 */
export function parseConformanceCases(text: string, file: string): ConformanceCase[] {
  const name = basename(file, '.json');
  let content: unknown;
  try {
    content = parseJson(text);
  } catch (cause) {
    throw malformed(file, `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (Array.isArray(content)) return content.map((entry, index) => readCase(entry, file, name, index));
  if (isRecord(content) && Array.isArray(content.vectors)) {
    return content.vectors.map((entry, index) => readMechanismCase(entry, file, name, index));
  }
  throw malformed(file, 'it is neither a list of cases nor an object with a list of vectors');
}

/** Whole numbers that a double would round stay as text. */
function parseJson(text: string): unknown {
  const keepExact = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context?.source ?? value)
      : value;
  return JSON.parse(text, keepExact);
}

function readCase(entry: unknown, file: string, name: string, index: number): ConformanceCase {
  if (!isRecord(entry)) throw malformed(file, `case ${index} is not an object`);
  const { kind, input, expected, tolerance = 0, source } = entry;
  if (typeof kind !== 'string' || kind === '') throw malformed(file, `case ${index} has no kind`);
  if (input === undefined) throw malformed(file, `case ${index} (${kind}) has no input`);
  if (expected === undefined) throw malformed(file, `case ${index} (${kind}) has no expected`);
  if (!isTolerance(tolerance)) {
    throw malformed(file, `the tolerance of case ${index} (${kind}) is not a number of at least zero`);
  }
  const test = isRecord(source) && typeof source.test === 'string' ? source.test : null;
  return { file: name, index, kind, input, expected, tolerance, test };
}

function readMechanismCase(entry: unknown, file: string, name: string, index: number): ConformanceCase {
  if (!isRecord(entry)) throw malformed(file, `vector ${index} is not an object`);
  const { kind, fn = kind, expect, expected = expect, tolerance = 0, test, ...input } = entry;
  if (typeof fn !== 'string' || fn === '') throw malformed(file, `vector ${index} has neither fn nor kind`);
  return {
    file: name,
    index,
    kind: `${name}.${fn}`,
    input,
    expected,
    tolerance: isTolerance(tolerance) ? tolerance : 0,
    test: typeof test === 'string' ? test : null,
  };
}

function isTolerance(value: unknown): value is Tolerance {
  if (isRecord(value)) return Object.values(value).every((entry) => typeof entry === 'number' && entry >= 0);
  return typeof value === 'number' && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(file: string, reason: string): ProvingError {
  return new ProvingError(
    { code: 'VECTORS_MALFORMED', file, reason },
    `The vectors in ${file} cannot be used: ${reason}. See the schema in the conformance guide.`,
  );
}
