import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  digestFile,
  type EngineError,
  GgufIncomplete,
  GgufMalformed,
  parseGgufHeader,
  parseModelSource,
  readGgufFile,
} from '../src/index.ts';
import { codeOf } from './compliance.ts';
import { bundledModel, DEFAULT_MODEL } from './parts.ts';

let folder: string;
let whole: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-models-'));
  whole = new Uint8Array(await readFile(DEFAULT_MODEL));
});
afterAll(() => rm(folder, { recursive: true }));

async function aFile(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

describe('model sources', () => {
  it.each([
    ['./a.gguf', { kind: 'file', path: '/srv/a.gguf' }],
    ['a.gguf', { kind: 'file', path: '/srv/a.gguf' }],
    ['/models/a', { kind: 'file', path: '/models/a' }],
    [
      'https://a.example/b/c.gguf?x=1#y',
      { kind: 'url', url: 'https://a.example/b/c.gguf?x=1', fileName: 'c.gguf' },
    ],
    [
      'hf:owner/repo/q4/file-Q4_K_M.gguf',
      {
        kind: 'url',
        url: 'https://huggingface.co/owner/repo/resolve/main/q4/file-Q4_K_M.gguf',
        fileName: 'file-Q4_K_M.gguf',
      },
    ],
    ['ollama:llama3.2:3b', { kind: 'ollama', model: 'llama3.2:3b' }],
    ['ollama:library/qwen3', { kind: 'ollama', model: 'library/qwen3' }],
  ])('reads %s', (source, expected) => {
    expect(parseModelSource(source, '/srv')).toEqual(expected);
  });

  it.each([
    '',
    'qwen3',
    'http://a.example/b.gguf',
    'https://user:secret@a.example/b.gguf',
    'https://a.example/b.bin',
    'ftp://a.example/b.gguf',
    'hf:owner/file.gguf',
    'hf:owner/../repo/file.gguf',
    'hf:owner/repo/file.safetensors',
    'hf:owner/re po/file.gguf',
    'ollama:',
    'ollama:a b',
  ])('refuses %j', async (source) => {
    expect(await codeOf(async () => parseModelSource(source, '/srv'))).toBe('MODEL_SOURCE_UNKNOWN');
  });
});

describe('gguf files', () => {
  it('tells what the bundled model is', async () => {
    const file = await readGgufFile(DEFAULT_MODEL);
    expect(file).toMatchObject({
      version: 3,
      architecture: 'llama',
      quantisation: 'f16',
      contextTokens: 256,
      parameters: 1_000_576,
      sizeBytes: 2_050_208,
      dataEndBytes: 2_050_208,
    });
    expect((await readGgufFile(bundledModel('crontab-q8_0.gguf'))).quantisation).toBe('q8_0');
  });

  it.each([
    ['one byte short', () => whole.subarray(0, -1), 'is cut'],
    ['cut in its header', () => whole.subarray(0, 2000), 'is cut inside its header'],
    ['empty', () => new Uint8Array(), 'is cut inside its header'],
    ['something else', () => new TextEncoder().encode('<html>not found</html>'), 'does not begin with GGUF'],
    ['of a new version', () => whole.with(4, 9), 'version 9'],
    ['claiming many tensors', () => whole.with(11, 255), 'tensors'],
  ])('refuses a file that is %s', async (name, bytes, reason) => {
    const path = await aFile(`${name}.gguf`, bytes());
    const error = (await readGgufFile(path).catch((thrown: unknown) => thrown)) as EngineError;
    expect(error.code).toBe('MODEL_FILE_CORRUPT');
    expect(error.message).toContain(reason);
  });

  it('says that a file is missing, and that a folder is no file', async () => {
    expect(await codeOf(() => readGgufFile(join(folder, 'absent.gguf')))).toBe('MODEL_FILE_MISSING');
    expect(await codeOf(() => readGgufFile(folder))).toBe('MODEL_FILE_CORRUPT');
  });

  it('parses or refuses any bytes, and throws nothing else', () => {
    const header = whole.subarray(0, 24_000);
    const tail = fc.uint8Array({ maxLength: 200 });
    const flips = fc.array(fc.tuple(fc.nat(header.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const parse = (bytes: Uint8Array) => {
      try {
        expect(parseGgufHeader(bytes).architecture).not.toBe('');
      } catch (error) {
        if (!(error instanceof GgufMalformed) && !(error instanceof GgufIncomplete)) throw error;
      }
    };
    fc.assert(
      fc.property(flips, tail, (changes, random) => {
        const bytes = header.slice();
        for (const [at, value] of changes) bytes[at] = value;
        parse(bytes);
        parse(Uint8Array.from([...whole.subarray(0, 8), ...random]));
        parse(random);
      }),
      { numRuns: 300 },
    );
  });
});

describe('file digests', () => {
  it('gives size, SHA-256 and the Merkle root of 1 MiB chunks', async () => {
    const bytes = new Uint8Array(2.5 * 1024 * 1024).map((_, index) => index % 251);
    const leaf = (index: number) =>
      sha256(Uint8Array.of(0), bytes.subarray(index * 1048576, (index + 1) * 1048576));
    const inner = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);
    expect(await digestFile(await aFile('three-chunks', bytes))).toEqual({
      sizeBytes: bytes.length,
      sha256: sha256(bytes).toString('hex'),
      merkleRoot: inner(inner(leaf(0), leaf(1)), leaf(2)).toString('hex'),
    });
  });

  it('takes an empty file for one empty chunk', async () => {
    const { merkleRoot } = await digestFile(await aFile('empty', new Uint8Array()));
    expect(merkleRoot).toBe(sha256(Uint8Array.of(0)).toString('hex'));
  });

  it('agrees with the cards of the bundled model', async () => {
    for (const [name, count] of [
      ['card.json', 2],
      ['base.json', 1],
    ] as const) {
      const card = JSON.parse(await readFile(bundledModel(name), 'utf8')) as {
        artifacts: { path: string; sizeBytes: string; sha256: string; merkleRoot: string }[];
      };
      expect(card.artifacts).toHaveLength(count);
      for (const { path, sizeBytes, sha256: hash, merkleRoot } of card.artifacts)
        expect(await digestFile(bundledModel(path)), path).toEqual({
          ...{ sizeBytes: Number(sizeBytes), sha256: hash, merkleRoot },
        });
    }
  });

  it('says that a file is missing', async () => {
    expect(await codeOf(() => digestFile(join(folder, 'absent')))).toBe('MODEL_FILE_MISSING');
  });
});
