import type { SandboxCall } from '@cairn/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { aCall, createStarter, MIB, toBytes, toText } from './parts.ts';

const starter = createStarter();
afterEach(() => starter.end());

async function ask(source: string, change: Partial<SandboxCall> & { memoryBytes?: number } = {}) {
  const { memoryBytes, ...call } = change;
  const instance = await starter.start('javascript', source, memoryBytes);
  const { output, ...rest } = await instance.run(aCall(call));
  return { ...rest, text: toText(output), instance };
}

const handle = (body: string) => `export const handle = ({ text, body, json }) => { ${body} }`;

describe('JavaScript in the sandbox', () => {
  it('answers with text, bytes or JSON, from text, bytes or JSON', async () => {
    const input = toBytes('{"a":2}');
    expect(await ask(handle('return text.toUpperCase()'), { input })).toMatchObject({
      text: '{"A":2}',
      fault: null,
    });
    const later = 'export const handle = async ({ json }) => ({ twice: 2 * json().a })';
    expect(await ask(later, { input })).toMatchObject({ text: '{"twice":4}' });
    expect(await ask(handle('return body.subarray(1, 3)'), { input })).toMatchObject({ text: '"a' });
  });

  it('measures work and keeps what was printed', async () => {
    const print =
      'console.log("hello", 3, true, {}); let s = 0; for (let i = 0; i < 3e5; i++) s += i; return s';
    const { work, log, text } = await ask(handle(print));
    expect(text).toBe('44999850000');
    expect(log).toBe('hello 3 true (object)\n');
    expect(work).toBeGreaterThan(1);
  });

  it('leaves nothing of a call for the next', async () => {
    const source =
      'let n = 0; export const handle = () => { globalThis.seen = (globalThis.seen ?? 0) + 1; n += 1; return [n, seen] }';
    const instance = await starter.start('javascript', source);
    const answers = [await instance.run(aCall()), await instance.run(aCall())];
    expect(answers.map(({ output }) => toText(output))).toEqual(['[1,1]', '[1,1]']);
  });

  it('stands still until more work is granted, and ends when none is', async () => {
    const source = handle('for (let i = 0; i < 1e7; i++); return 1');
    const asked: number[] = [];
    const grant = async (work: number) => {
      asked.push(work);
      return asked.length < 3 ? work + 4 : null;
    };
    const { fault, work } = await ask(source, { granted: 2, grant });
    expect(fault).toBe('CANCELLED');
    expect(asked).toHaveLength(3);
    expect(asked).toEqual(asked.toSorted((one, other) => one - other));
    expect(work).toBeGreaterThanOrEqual(asked[2]!);
  });
});

describe('hostile JavaScript', () => {
  it.each([
    ['process', 'return typeof process'],
    ['require', 'return typeof require'],
    ['fetch', 'return typeof fetch'],
    ['timers', 'return typeof setTimeout'],
    ['WebAssembly', 'return typeof WebAssembly'],
    [
      'SharedArrayBuffer with Atomics.wait',
      'return typeof Atomics === "undefined" ? "undefined" : typeof Atomics.notReal',
    ],
    ['the offer of the glue', 'return typeof globalThis.__cairn'],
  ])('finds no %s', async (_, body) => {
    expect((await ask(handle(body))).text).toBe('undefined');
  });

  it.each([
    [
      'constructors',
      'return this === undefined ? new (async () => {}).constructor("return typeof process")() : 1',
    ],
    ['Function', 'return new Function("return typeof process")()'],
    [
      'the stack of an error',
      'Error.prepareStackTrace = (e, f) => f; const s = new Error().stack; return typeof s === "string" ? "undefined" : "frames"',
    ],
    ['a constructor of console', 'return console.log.constructor("return typeof process")()'],
    ['eval', 'return (0, eval)("typeof process")'],
  ])('does not escape through %s', async (_, body) => {
    expect((await ask(handle(body))).text).toBe('undefined');
  });

  it('cannot import', async () => {
    for (const name of ['fs', 'node:fs', './other.js', 'https://example.org/x.js', 'glue.js'])
      expect((await ask(`import x from '${name}'; ${handle('return 1')}`)).fault, name).toBe('THREW');
    const dynamic = 'export const handle = async () => { await import("node:child_process"); return 1 }';
    expect(await ask(dynamic)).toMatchObject({ fault: 'THREW' });
  });

  it.each([
    ['a loop', 'for (;;);'],
    ['a loop in a getter of its answer', 'return { toJSON() { for (;;); } }'],
    ['promises that make promises', 'const f = () => Promise.resolve().then(f); return f()'],
    ['a sort that never ends', 'return [1,2,3].sort(() => { for (;;); })'],
    ['a catch of everything', 'for (;;) { try { for (;;); } catch {} }'],
    ['a regular expression', 'return /^(a+)+$/.test("a".repeat(40) + "b")'],
  ])('is stopped when %s runs out of work', async (_, body) => {
    const { fault, instance } = await ask(handle(body), { maxWork: 150, timeMs: 15_000 });
    expect(['WORK_EXCEEDED', 'TIMED_OUT']).toContain(fault);
    if (fault === 'WORK_EXCEEDED')
      expect(toText((await instance.run(aCall({ maxWork: 1 }))).output)).not.toBe('x');
  });

  it('is stopped by the clock', async () => {
    const { fault } = await ask(handle('for (;;);'), { timeMs: 100 });
    expect(fault).toBe('TIMED_OUT');
  });

  it('is stopped by a signal', async () => {
    const controller = new AbortController();
    const instance = await starter.start('javascript', handle('for (;;);'));
    const running = instance.run(aCall({ signal: controller.signal }));
    controller.abort();
    expect((await running).fault).toBe('CANCELLED');
  });

  it.each([
    ['an array', 'const a = []; for (;;) a.push(new Array(1e5).fill(1));'],
    ['a text', 'let s = "x".repeat(1e6); for (;;) s += s;'],
    ['a buffer', 'return new Uint8Array(2e9).length'],
    ['nested buffers', 'const a = []; for (;;) a.push(new ArrayBuffer(1e6));'],
  ])('gets no more memory by %s', async (_, body) => {
    const before = process.memoryUsage.rss();
    const { fault } = await ask(handle(body), { memoryBytes: 8 * MIB });
    expect(['MEMORY_EXCEEDED', 'THREW']).toContain(fault);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * MIB);
  });

  it('gets an error for endless recursion, nested data and deep JSON', async () => {
    for (const body of [
      'const f = () => f() + 1; return f()',
      'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a',
      'return JSON.parse("[".repeat(1e5))',
    ])
      expect((await ask(handle(body))).fault, body).not.toBe(null);
  });

  it('may not flood its output or its log', async () => {
    expect(await ask(handle('return "x".repeat(70000)'))).toMatchObject({
      fault: 'OUTPUT_TOO_LARGE',
      text: '',
    });
    expect(await ask(handle('return "é".repeat(40000)'))).toMatchObject({ fault: 'OUTPUT_TOO_LARGE' });
    expect(await ask(handle('return new Uint8Array(70000)'))).toMatchObject({ fault: 'OUTPUT_TOO_LARGE' });
    const { log } = await ask(
      handle('for (let i = 0; i < 5000; i++) console.log("x".repeat(1000)); return 1'),
    );
    expect(log.length).toBeLessThanOrEqual(16 * 1024);
  });

  it('does not reach the host by what it throws, prints or changes', async () => {
    const bodies = [
      'throw { get name() { throw 1 }, get message() { for (;;); } }',
      'throw Object.create(null)',
      'throw null',
      'throw "x".repeat(1e6)',
      'console.log({ toString() { throw 1 } }, Symbol("x"), 1n); return 1',
      'Object.prototype.then = () => {}; return {}',
      'Object.prototype.type = "done"; Array.prototype.push = null; return { a: 1 }',
      'JSON.stringify = () => ({ evil: 1 }); return { a: 1 }',
      'ArrayBuffer.isView = () => true; return { buffer: { slice: () => ({}) } }',
      'return new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })',
    ];
    for (const body of bodies) {
      const { fault, message, work } = await ask(handle(body), { maxWork: 300 });
      expect(fault === null || typeof fault === 'string', body).toBe(true);
      expect(message.length, body).toBeLessThanOrEqual(1000);
      expect(work, body).toBeGreaterThan(0);
    }
  });

  it('is refused when it is no text, too large or wants too much', async () => {
    await expect(starter.start('javascript', Uint8Array.of(0xff, 0xfe))).rejects.toThrow('refused');
    await expect(starter.start('javascript', new Uint8Array(0))).rejects.toThrow('0 bytes');
    await expect(starter.start('javascript', 'x', 10)).rejects.toThrow('memory');
    await expect(starter.start('javascript', 'x', 2 ** 40)).rejects.toThrow('memory');
  });

  it('answers many at once, each in its own place', async () => {
    const instances = await Promise.all(
      Array.from({ length: 6 }, () =>
        starter.start(
          'javascript',
          handle('let s = 0; for (let i = 0; i < 1e5; i++) s += i; return text + s'),
        ),
      ),
    );
    const answers = await Promise.all(
      instances.map((instance, n) => instance.run(aCall({ input: toBytes(`${n}:`) }))),
    );
    expect(answers.map(({ output }) => toText(output))).toEqual(instances.map((_, n) => `${n}:4999950000`));
    const [first] = instances;
    const running = first!.run(aCall());
    await expect(first!.run(aCall())).rejects.toThrow('another call');
    await running;
  });
});
