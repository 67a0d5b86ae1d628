import type { SandboxCall } from '@cairn/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { aCall, createStarter, MIB, readFingerprint, toBytes, toText } from './parts.ts';

const starter = createStarter();
afterEach(() => starter.end());

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, payload: readonly number[]) => [id, ...leb(payload.length), ...payload];
const vector = (items: readonly (readonly number[])[]) => [...leb(items.length), ...items.flat()];
const exported = (name: string, kind: number, index: number) => [name.length, ...toBytes(name), kind, index];
const body = (code: readonly number[]) => [...leb(code.length + 2), 0, ...code, 0x0b];

interface ModuleParts {
  readonly alloc?: readonly number[];
  readonly handle?: readonly number[];
  readonly memory?: readonly number[];
  readonly before?: readonly number[];
  readonly afterCode?: readonly number[];
}

/** A module with the three exports a function needs. */
function aModule({ alloc = [0x41, 0], handle = [0x42, 0], ...parts }: ModuleParts = {}): Uint8Array {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      vector([
        [0x60, 1, 0x7f, 1, 0x7f],
        [0x60, 2, 0x7f, 0x7f, 1, 0x7e],
        [0x60, 0, 0],
      ]),
    ),
    ...(parts.before ?? []),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([parts.memory ?? [0, 1]])),
    ...section(7, vector([exported('memory', 2, 0), exported('alloc', 0, 0), exported('handle', 0, 1)])),
    ...section(10, vector([body(alloc), body(handle)])),
    ...(parts.afterCode ?? []),
  ]);
}

async function ask(code: Uint8Array, change: Partial<SandboxCall> & { memoryBytes?: number } = {}) {
  const { memoryBytes, ...call } = change;
  const instance = await starter.start('wasm', code, memoryBytes);
  const { output, ...rest } = await instance.run(aCall(call));
  return { ...rest, text: toText(output), instance };
}

const LOOP = [0x03, 0x40, 0x0c, 0, 0x0b];

describe('WebAssembly in the sandbox', () => {
  it('answers what the code computes', async () => {
    const code = await readFingerprint();
    expect(await ask(code, { input: toBytes('hello') })).toMatchObject({ text: '4f9f2cab', fault: null });
    const large = new Uint8Array(300_000).fill(7);
    expect((await ask(code, { input: large })).text).toMatch(/^[0-9a-f]{8}$/);
  });

  it('measures work, and stands still until more is granted', async () => {
    const asked: number[] = [];
    const grant = async (work: number) => {
      asked.push(work);
      return asked.length < 3 ? work + 3 : null;
    };
    const { fault, work } = await ask(aModule({ handle: [...LOOP, 0x42, 0] }), { granted: 1, grant });
    expect(fault).toBe('CANCELLED');
    expect(asked).toHaveLength(3);
    expect(work).toBeGreaterThanOrEqual(asked[2]!);
  });

  it('leaves nothing of a call for the next', async () => {
    // Adds one to a place in memory and answers its four bytes.
    const count = [
      0x41, 8, 0x41, 8, 0x28, 2, 0, 0x41, 1, 0x6a, 0x36, 2, 0, 0x42, 0x84, 0x80, 0x80, 0x80, 0x80, 1,
    ];
    const code = aModule({ handle: count });
    const instance = await starter.start('wasm', code);
    const first = await instance.run(aCall());
    expect((await instance.run(aCall())).output).toEqual(first.output);
  });
});

describe('hostile WebAssembly', () => {
  it.each([
    ['a loop', { handle: [...LOOP, 0x42, 0] }],
    ['a loop where memory is asked for', { alloc: [...LOOP, 0x41, 0] }],
    ['loops in loops', { handle: [0x03, 0x40, ...LOOP, 0x0c, 0, 0x0b, 0x42, 0] }],
    ['calls of itself in a loop', { handle: [0x03, 0x40, 0x41, 0, 0x10, 0, 0x1a, 0x0c, 0, 0x0b, 0x42, 0] }],
  ])('is stopped when %s runs out of work', async (_, parts) => {
    const { fault, instance } = await ask(aModule(parts), { maxWork: 30 });
    expect(fault).toBe('WORK_EXCEEDED');
    expect(instance.isAlive).toBe(true);
  });

  it('is stopped by the clock', async () => {
    expect((await ask(aModule({ handle: [...LOOP, 0x42, 0] }), { timeMs: 60 })).fault).toBe('TIMED_OUT');
  });

  it('gets an error for endless recursion and for a trap', async () => {
    const again = aModule({ handle: [0x20, 0, 0x20, 1, 0x10, 1] });
    expect((await ask(again)).fault).toBe('THREW');
    expect(await ask(aModule({ handle: [0x00, 0x42, 0] }))).toMatchObject({ fault: 'THREW' });
  });

  it('gets no more memory than was given, whatever it declares', async () => {
    // memory.grow by 1,000 pages is refused with -1, which is answered as a length out of bounds.
    const grow = aModule({ handle: [0x41, 0xe8, 7, 0x40, 0, 0xac] });
    expect(await ask(grow, { memoryBytes: MIB })).toMatchObject({ fault: 'OUTPUT_INVALID' });
    const declared = aModule({ handle: [0x41, 0xe8, 7, 0x40, 0, 0xac], memory: [1, 1, ...leb(60_000)] });
    expect(await ask(declared, { memoryBytes: MIB })).toMatchObject({ fault: 'OUTPUT_INVALID' });
    await expect(ask(aModule({ memory: [0, ...leb(2_000)] }), { memoryBytes: MIB })).rejects.toThrow(
      'pages of memory',
    );
  });

  it.each<[string, Uint8Array, string]>([
    [
      'files',
      aModule({
        before: section(
          2,
          vector([[22, ...toBytes('wasi_snapshot_preview1'), 7, ...toBytes('fd_read'), 0, 2]]),
        ),
      }),
      'wasi_snapshot_preview1.fd_read',
    ],
    [
      'a function of the host',
      aModule({ before: section(2, vector([[3, ...toBytes('env'), 4, ...toBytes('exit'), 0, 2]])) }),
      'env.exit',
    ],
    [
      'a memory of the host',
      aModule({
        before: section(2, vector([[3, ...toBytes('env'), 3, ...toBytes('mem'), 2, 0, 1]])),
        memory: [0, 1],
      }),
      'env.mem',
    ],
    ['threads', aModule({ memory: [3, 1, 2] }), 'shared'],
    ['a component', Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), 'component'],
    ['text', toBytes('(module)'), 'no WebAssembly'],
    ['nothing after its head', Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), 'memory'],
    ['the names of metering', aModule({ before: [] }).slice(0, -1), 'not valid'],
  ])('is refused when it wants %s', async (_, code, reason) => {
    await expect(starter.start('wasm', code)).rejects.toThrow(reason);
  });

  it('cannot name what metering added', async () => {
    // Sets the global that the meter will have: there is none in the module as it came.
    await expect(starter.start('wasm', aModule({ handle: [0x42, 0, 0x24, 0, 0x42, 0] }))).rejects.toThrow(
      'not valid',
    );
    await expect(starter.start('wasm', aModule({ handle: [0x41, 0, 0x11, 2, 0, 0x42, 0] }))).rejects.toThrow(
      'not valid',
    );
  });

  it('may not place its input or output outside of its memory', async () => {
    const input = toBytes('x');
    expect(await ask(aModule({ alloc: [0x41, 0x7f] }), { input })).toMatchObject({ fault: 'OUTPUT_INVALID' });
    expect(await ask(aModule({ handle: [0x42, 0x7f] }))).toMatchObject({ fault: 'OUTPUT_INVALID' });
    const flood = aModule({ handle: [0x42, 0x80, 0x80, 4] });
    expect(await ask(flood, { maxOutputBytes: 1_000 })).toMatchObject({ fault: 'OUTPUT_TOO_LARGE' });
  });

  it('is refused in words for any bytes that are cut or changed', async () => {
    const good = await readFingerprint();
    for (let at = 8; at < good.length; at += 9) {
      const cut = starter.start('wasm', good.slice(0, at));
      await expect(cut, `cut at ${at}`).rejects.toThrow('refused');
    }
  });
});
