import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './repository.ts';

/** Lines that must not pass the linter on the ground floor. */
const forbidden = [
  'export const a = Math.sqrt(2);',
  "export const a = Math['pow'](2, 2);",
  'export const { log } = Math;',
  'const M = Math;\nexport const a = M.exp(2);',
  'export const a = Math.random();',
  'export const a = 2n ** 3n;',
  'export function f(a: number) {\n  let b = a;\n  b **= 2;\n  return b;\n}',
  "export const a = parseFloat('1');",
  "export const a = Number.parseFloat('1');",
  "export const a = 'a'.localeCompare('b');",
  "export const a = 'a'.toLocaleUpperCase();",
  'export const a = (1).toLocaleString();',
  'export const a = JSON.stringify({});',
  'export const a = [3, 1].sort();',
  'export const a = [3, 1].toSorted();',
  'export const a = new Date();',
  'export const a = performance.now();',
  'export const a = new Intl.Collator();',
  'export const a = globalThis;',
  'export const a = Buffer.alloc(1);',
  'export const a = process.env;',
  'export const a = crypto.randomUUID();',
  "export const a = fetch('/');",
  'export const a = setTimeout(() => {}, 1);',
  'export const a = () => queueMicrotask(() => {});',
  'export const a = new WeakRef({});',
  'console.log(1);\nexport const a = 1;',
  "import { readFileSync } from 'node:fs';\n\nexport const a = readFileSync;",
  "import { readFileSync } from 'fs';\n\nexport const a = readFileSync;",
  "export const a = import('node:os');",
  "import { a } from '@cairn/chain';\n\nexport const b = a;",
  "import { a } from '@cairn/core/src/bytes.ts';\n\nexport const b = a;",
  "export * from './bytes.ts';",
  'export enum A {\n  B,\n}',
  'export namespace A {\n  export const b = 1;\n}',
  'export default 1;',
  'export const a: any = 1;',
];

/** Lines that only fixed-point code may hold. */
const forFixedPoint = [
  'export const a = Math.floor(3 / 2);',
  'export const a = 0.5;',
  'export const a = 1e-9;',
];

const allowed = [
  'export const f = (a: number) => Math.min(2, a) + Math.max(3, a) + Math.abs(a);',
  'export const a = 2n * 3n;',
  'export const a = [3, 1].toSorted((left, right) => left - right);',
  'export const a = 1e9 + 0xff + 1_000;',
];

interface Diagnostic {
  category: string;
  severity: string;
  location?: { path?: string | { file: string } };
}

describe('the linter on the ground floor', () => {
  let copy: string;
  let caught: Map<string, string[]>;

  const plant = (folder: string, lines: readonly string[], ok: boolean) =>
    lines.map((line, i) => {
      const file = `packages/${folder}/${ok ? 'good' : 'bad'}-${i}.ts`;
      return { file, line, ok, name: `${file}: ${line.replace(/\s+/g, ' ')}` };
    });
  const places = [
    ...['core/src', 'ledger/src/yuma', 'protocol/src'].flatMap((folder) =>
      plant(folder, [...forbidden, ...forFixedPoint], false),
    ),
    ...plant('core/src/fixed', forbidden, false),
    ...plant('core/src/fixed', forFixedPoint, true),
    ...plant('core/src', allowed, true),
    ...plant('chain/src', ['export const a = Math.sqrt(2) + Date.now();'], true),
  ];

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), 'cairn-lint-'));
    for (const path of ['biome.json', '.gitignore', 'tools', 'package.json'])
      cpSync(join(root, path), join(copy, path), { recursive: true });
    for (const { file, line } of places) {
      mkdirSync(join(copy, dirname(file)), { recursive: true });
      writeFileSync(join(copy, file), `${line}\n`);
    }
    for (const room of ['core', 'ledger', 'protocol', 'chain']) {
      cpSync(join(root, `packages/${room}/package.json`), join(copy, `packages/${room}/package.json`));
    }
    caught = await lint(copy);
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.each(places.filter(({ ok }) => !ok))('catches $name', ({ file }) => {
    expect(caught.get(file) ?? []).not.toEqual([]);
  });

  it.each(places.filter(({ ok }) => ok))('lets pass $name', ({ file }) => {
    expect(caught.get(file) ?? []).toEqual([]);
  });
});

/** The errors of each file, by the name of their rule. */
async function lint(folder: string): Promise<Map<string, string[]>> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const reportFile = join(folder, 'report.json');
  const args = [
    biome,
    'lint',
    '--reporter=json',
    `--reporter-file=${reportFile}`,
    '--max-diagnostics=none',
    '.',
  ];
  const run = promisify(execFile)(process.execPath, args, { cwd: folder });
  // It exits with 1 because it found something, which is the point; what it found is in the report.
  await run.catch((error: { code?: number }) => expect(error.code).toBe(1));
  const { diagnostics } = JSON.parse(readFileSync(reportFile, 'utf8')) as { diagnostics: Diagnostic[] };
  const caught = new Map<string, string[]>();
  for (const { category, severity, location } of diagnostics) {
    const path = typeof location?.path === 'string' ? location.path : location?.path?.file;
    if (path === undefined || severity !== 'error') continue;
    caught.set(path, [...(caught.get(path) ?? []), category]);
  }
  return caught;
}
