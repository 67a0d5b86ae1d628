import type { SandboxCall, SandboxInstance } from '@cairn/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createThreadSandbox } from '../../src/index.ts';

const timer = {
  schedule(delayMs: number, action: () => unknown) {
    const handle = setTimeout(action, delayMs);
    return () => clearTimeout(handle);
  },
};
const sandbox = createThreadSandbox({ timer });
const MIB = 1024 * 1024;
const started: SandboxInstance[] = [];

afterEach(async () => {
  for (const instance of started.splice(0)) await instance[Symbol.asyncDispose]();
});

async function start(source: string, memoryBytes = 32 * MIB) {
  const bytes = new TextEncoder().encode(source);
  const instance = await sandbox.start({ kind: 'javascript', bytes, memoryBytes });
  started.push(instance);
  return instance;
}

function aCall(change: Partial<SandboxCall> = {}): SandboxCall {
  return {
    input: new Uint8Array(0),
    timeMs: 20_000,
    maxWork: 20_000,
    maxOutputBytes: 64 * 1024,
    granted: 20_000,
    grant: async () => 20_000,
    ...change,
  };
}

async function ask(source: string, change: Partial<SandboxCall> & { memoryBytes?: number } = {}) {
  const { memoryBytes, ...call } = change;
  const { output, ...rest } = await (await start(source, memoryBytes)).run(aCall(call));
  return { ...rest, text: new TextDecoder().decode(output) };
}

describe('JavaScript in the sandbox', () => {
  it('answers with text, bytes or JSON, from text, bytes or JSON', async () => {
    const input = new TextEncoder().encode('{"a":2}');
    expect(await ask('export const handle = ({ text }) => text.toUpperCase()', { input })).toMatchObject({
      text: '{"A":2}',
      fault: null,
    });
    expect(
      await ask('export const handle = async ({ json }) => ({ twice: 2 * json().a })', { input }),
    ).toMatchObject({ text: '{"twice":4}' });
    expect(await ask('export const handle = ({ body }) => body.subarray(1, 3)', { input })).toMatchObject({
      text: '"a',
    });
  });

  it('measures work and keeps what was printed', async () => {
    const { work, log, text } = await ask(
      'export const handle = () => { console.log("hello", 3, true, {}); let s = 0; for (let i = 0; i < 3e5; i++) s += i; return s }',
    );
    expect(text).toBe('44999850000');
    expect(log).toBe('hello 3 true (object)\n');
    expect(work).toBeGreaterThan(1);
  });

  it('leaves nothing of a call for the next', async () => {
    const instance = await start(
      'let n = 0; export const handle = () => { globalThis.seen = (globalThis.seen ?? 0) + 1; n += 1; return `${n} ${globalThis.seen}` }',
    );
    const answers = [await instance.run(aCall()), await instance.run(aCall())];
    expect(answers.map(({ output }) => new TextDecoder().decode(output))).toEqual(['1 1', '1 1']);
  });
});
