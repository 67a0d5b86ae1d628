import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { createLogKeeper, cutMessage } from './log-keeper.ts';
import { type CodeRunner, meterFault, NOTHING, type RunOutcome } from './runner.ts';
import type { RunOrder } from './thread-messages.ts';
import { webAssembly } from './web-assembly.ts';
import type { WorkMeter } from './work-meter.ts';

const MAX_STACK_BYTES = 256 * 1024;
/** Promise jobs between two looks at the meter. */
const JOBS_AT_ONCE = 64;
const CODE_NAME = 'function.js';

/** Pages that QuickJS starts with: its own code, stack and tables are in them. */
const OWN_PAGES = 256;
const PAGE_BYTES = 65_536;

/**
 * An interpreter whose whole memory has a most. QuickJS counts what its values take, but not every buffer; what
 * WebAssembly does not give cannot be taken. The package's types are those of its CommonJS file, where the default
 * export is one level deeper.
 */
function newInterpreter(memoryBytes: number): Promise<QuickJSWASMModule> {
  const maximum = OWN_PAGES + Math.ceil(memoryBytes / PAGE_BYTES);
  const wasmMemory = new webAssembly.Memory({ initial: OWN_PAGES, maximum });
  return newQuickJSWASMModuleFromVariant(
    newVariant(variant as unknown as QuickJSSyncVariant, { wasmMemory: wasmMemory as never }),
  );
}

/** Runs as the stranger's own: it is convenience, and nothing is trusted that it says. */
const GLUE = `
import * as code from '${CODE_NAME}';
const { bytes, text, console } = globalThis.__cairn;
delete globalThis.__cairn;
async function answerOf() {
  const { handle } = code;
  if (typeof handle !== 'function') throw new TypeError('The code exports no function named handle.');
  const body = new Uint8Array(bytes);
  const answer = await handle({ body, text, json: () => JSON.parse(text) });
  if (typeof answer === 'string' || answer instanceof ArrayBuffer) return answer;
  if (ArrayBuffer.isView(answer))
    return answer.buffer.slice(answer.byteOffset, answer.byteOffset + answer.byteLength);
  return JSON.stringify(answer) ?? '';
}
export const answer = answerOf();
`;

/**
 * Runs a JavaScript module in QuickJS, itself compiled to WebAssembly: the code has the language and nothing else.
 * Each call has an interpreter with memory of its own, made before the call comes.
 */
export async function createJavascriptRunner(source: string, memoryBytes: number): Promise<CodeRunner> {
  let next: Promise<QuickJSWASMModule> = newInterpreter(memoryBytes);
  await next;
  return {
    async run(order, meter) {
      const quickjs = await next;
      try {
        return runModule({ quickjs, source, memoryBytes, order, meter });
      } finally {
        next = newInterpreter(memoryBytes);
        next.catch(() => undefined);
      }
    },
  };
}

interface ModuleRun {
  readonly quickjs: QuickJSWASMModule;
  readonly source: string;
  readonly memoryBytes: number;
  readonly order: RunOrder;
  readonly meter: WorkMeter;
}

/** Handles are not freed one by one: the interpreter is dropped whole after the call. */
function runModule({ quickjs, source, memoryBytes, order, meter }: ModuleRun): RunOutcome {
  const log = createLogKeeper();
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(memoryBytes);
  runtime.setMaxStackSize(MAX_STACK_BYTES);
  runtime.setInterruptHandler(() => meter.check() !== 'go');
  runtime.setModuleLoader((name) =>
    name === CODE_NAME ? source : { error: new Error(`There is no module ${cutMessage(name)} to import.`) },
  );
  const context = runtime.newContext();
  const failed = (error: QuickJSHandle): RunOutcome =>
    meterFault(meter, log.text()) ?? { ...faultOf(context, error), output: NOTHING, log: log.text() };
  offer(context, order.input, log.add);
  const loaded = context.evalCode(GLUE, 'glue.js', { type: 'module', strict: true });
  if (loaded.error) return failed(loaded.error);
  for (;;) {
    const ran = runtime.executePendingJobs(JOBS_AT_ONCE);
    if (ran.error) return failed(ran.error);
    if (ran.value === 0) break;
    if (meter.check() !== 'go') break;
  }
  const ended = meterFault(meter, log.text());
  if (ended !== null) return ended;
  const module = context.getPromiseState(loaded.value);
  if (module.type === 'rejected') return failed(module.error);
  if (module.type === 'pending') return never(log.text());
  const answer = context.getPromiseState(context.getProp(module.value, 'answer'));
  if (answer.type === 'rejected') return failed(answer.error);
  if (answer.type === 'pending') return never(log.text());
  return read(context, answer.value, order.maxOutputBytes, log.text());
}

function never(log: string): RunOutcome {
  const message = 'The answer never came: its promise stays pending and nothing is left to run.';
  return { fault: 'THREW', message, output: NOTHING, log };
}

/** Gives the glue the input and a place to print to. */
function offer(context: QuickJSContext, input: Uint8Array, print: (line: string) => void): void {
  const offered = context.newObject();
  context.setProp(offered, 'bytes', context.newArrayBuffer(input.slice().buffer));
  context.setProp(offered, 'text', context.newString(new TextDecoder().decode(input)));
  const log = context.newFunction('log', (...values) => {
    print(values.map((value) => textOf(context, value)).join(' '));
  });
  const console = context.newObject();
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) context.setProp(console, name, log);
  context.setProp(context.global, 'console', console);
  context.setProp(context.global, '__cairn', offered);
}

/** Most characters of a printed value that are looked at. */
const MAX_VALUE_CHARACTERS = 4096;

function textOf(context: QuickJSContext, value: QuickJSHandle): string {
  const type = context.typeof(value);
  if (type === 'string') return stringUpTo(context, value, MAX_VALUE_CHARACTERS) ?? '(a long text)';
  if (type === 'number') return String(context.getNumber(value));
  if (type === 'boolean' || type === 'undefined') return String(context.dump(value));
  return `(${type})`;
}

/** Null when it is longer: the length of a string is its own, so nothing of the code runs. */
function stringUpTo(context: QuickJSContext, value: QuickJSHandle, most: number): string | null {
  const length = context.getNumber(context.getProp(value, 'length'));
  return length <= most ? context.getString(value) : null;
}

function faultOf(context: QuickJSContext, error: QuickJSHandle): Pick<RunOutcome, 'fault' | 'message'> {
  const field = (name: string): string => {
    if (context.typeof(error) !== 'object') return '';
    const value = context.getProp(error, name);
    return context.typeof(value) === 'string'
      ? (stringUpTo(context, value, MAX_VALUE_CHARACTERS) ?? '(a long text)')
      : '';
  };
  const [name, message] = [field('name'), field('message')];
  const isMemory = message === 'out of memory' || context.sameValue(error, context.null);
  if (isMemory) return { fault: 'MEMORY_EXCEEDED', message: 'The code used up its memory.' };
  const said = name === '' && message === '' ? textOf(context, error) : `${name}: ${message}`;
  return { fault: 'THREW', message: cutMessage(said) };
}

function read(context: QuickJSContext, value: QuickJSHandle, most: number, log: string): RunOutcome {
  const tooLarge: RunOutcome = {
    fault: 'OUTPUT_TOO_LARGE',
    message: `The output has more than ${most} bytes.`,
    output: NOTHING,
    log,
  };
  if (context.typeof(value) === 'string') {
    const text = stringUpTo(context, value, most);
    const output = text === null ? null : new TextEncoder().encode(text);
    if (output === null || output.length > most) return tooLarge;
    return { fault: null, message: '', output, log };
  }
  let bytes: Uint8Array;
  try {
    bytes = context.getArrayBuffer(value).value;
  } catch {
    return {
      fault: 'OUTPUT_INVALID',
      message: 'The output is neither text nor bytes.',
      output: NOTHING,
      log,
    };
  }
  if (bytes.length > most) return tooLarge;
  return { fault: null, message: '', output: bytes.slice(), log };
}
