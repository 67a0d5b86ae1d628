import { cutMessage } from './log-keeper.ts';
import { FUEL_EXPORT, meterWasm, PAUSE_EXPORT, START_EXPORT } from './meter-wasm.ts';
import { type CodeRunner, meterFault, NOTHING, type RunOutcome } from './runner.ts';
import type { RunOrder } from './thread-messages.ts';
import {
  type WasmCounter,
  type WasmMemory,
  type WasmModule,
  type WasmTable,
  webAssembly,
} from './web-assembly.ts';
import type { WorkMeter } from './work-meter.ts';

/** Instructions between two looks at the meter: a fraction of a millisecond. */
const FUEL = 200_000n;

/** Exports a function it imports: only such a function can stand in a table. */
const TRAMPOLINE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 7, 1, 1, 0x65, 1, 0x70, 0, 0],
  ...[7, 5, 1, 1, 0x70, 0, 0],
);

/** What a module has to export. */
interface FunctionExports {
  readonly memory: WasmMemory;
  readonly alloc: (length: number) => number;
  /** Where the output is: address in the high half, length in the low. */
  readonly handle: (address: number, length: number) => bigint;
}

/** Thrown through the code to end it; the code has no instructions that catch. */
class Ended extends Error {}

/**
 * Runs a WebAssembly module without imports: it exports `memory`, `alloc(length) → address` and
 * `handle(address, length) → address << 32 | length`. Each call has an instance of its own.
 */
export async function createWasmRunner(bytes: Uint8Array, memoryBytes: number): Promise<CodeRunner> {
  const module = await webAssembly.compile(meterWasm(Uint8Array.from(bytes), memoryBytes));
  const trampoline = await webAssembly.compile(TRAMPOLINE);
  const kinds = new Map(webAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  for (const [name, kind] of Object.entries({ memory: 'memory', alloc: 'function', handle: 'function' }))
    if (kinds.get(name) !== kind) throw new Error(`it exports no ${kind} named ${name}`);
  return { run: async (order, meter) => runModule(module, trampoline, order, meter) };
}

function runModule(
  module: WasmModule,
  trampoline: WasmModule,
  order: RunOrder,
  meter: WorkMeter,
): RunOutcome {
  try {
    const { exports } = new webAssembly.Instance(module);
    const fuel = exports[FUEL_EXPORT] as WasmCounter;
    const pause = () => {
      if (meter.check() !== 'go') throw new Ended();
      fuel.value = FUEL;
    };
    const { p } = new webAssembly.Instance(trampoline, { e: { p: pause } }).exports;
    (exports[PAUSE_EXPORT] as WasmTable).set(0, p);
    (exports[START_EXPORT] as (() => void) | undefined)?.();
    return call(exports as unknown as FunctionExports, order);
  } catch (error) {
    const ended = meterFault(meter, '');
    if (ended !== null) return ended;
    const isOurs =
      error instanceof webAssembly.RuntimeError || error instanceof RangeError || error instanceof TypeError;
    if (!isOurs) throw error;
    return {
      fault: 'THREW',
      message: cutMessage(`${error.name}: ${error.message}`),
      output: NOTHING,
      log: '',
    };
  }
}

function call({ memory, alloc, handle }: FunctionExports, { input, maxOutputBytes }: RunOrder): RunOutcome {
  const invalid = (message: string): RunOutcome => ({
    fault: 'OUTPUT_INVALID',
    message,
    output: NOTHING,
    log: '',
  });
  const address = alloc(input.length) >>> 0;
  if (address + input.length > memory.buffer.byteLength)
    return invalid('alloc returned an address outside of the memory.');
  new Uint8Array(memory.buffer, address, input.length).set(input);
  const place = handle(address, input.length);
  if (typeof place !== 'bigint') return invalid('handle returned no 64-bit number.');
  const from = Number(BigInt.asUintN(32, place >> 32n));
  const length = Number(BigInt.asUintN(32, place));
  if (from + length > memory.buffer.byteLength)
    return invalid('handle returned a place outside of the memory.');
  if (length > maxOutputBytes) {
    const message = `The output has more than ${maxOutputBytes} bytes.`;
    return { fault: 'OUTPUT_TOO_LARGE', message, output: NOTHING, log: '' };
  }
  return { fault: null, message: '', output: new Uint8Array(memory.buffer, from, length).slice(), log: '' };
}
