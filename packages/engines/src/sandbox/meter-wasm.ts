import { positiveToSignedLeb, u32ToLeb, WasmReader, WasmRefused } from './wasm-bytes.ts';
import { passInstruction } from './wasm-instructions.ts';
import { webAssembly } from './web-assembly.ts';

/** Exports that metering adds. The code itself cannot name what is behind them: it was valid without them. */
export const FUEL_EXPORT = 'cairn:fuel';
export const PAUSE_EXPORT = 'cairn:pause';
export const START_EXPORT = 'cairn:start';

const [TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE, DATA, DATA_COUNT] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
];
/** Sections in the order that a module has them. */
const ORDER = [TYPE, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, ELEMENT, DATA_COUNT, CODE, DATA];
const PAGE_BYTES = 65_536;
const MAX_TABLE_ENTRIES = 100_000;
const MAX_FUNCTIONS = 100_000;

/**
 * Makes a module count what it runs: every function and every turn of a loop takes its number of instructions from a
 * counter, and below zero calls a function that may end the code or let it go on. Memory and tables get a most.
 *
 * @param memoryBytes most memory of the module.
 * @throws WasmRefused
 */
export function meterWasm(bytes: Uint8Array<ArrayBuffer>, memoryBytes: number): Uint8Array<ArrayBuffer> {
  const header = bytes.subarray(0, 8);
  if (header[0] !== 0 || header[1] !== 0x61 || header[2] !== 0x73 || header[3] !== 0x6d)
    throw new WasmRefused('is no WebAssembly');
  if (header[4] !== 1 || header[6] !== 0)
    throw new WasmRefused('is a component or of another version; give the core module in it');
  if (!webAssembly.validate(bytes)) throw new WasmRefused('is not valid WebAssembly');
  const sections = readSections(bytes.subarray(8));
  refuseImports(sections.get(IMPORT));
  const metering = {
    type: countOf(sections.get(TYPE)),
    table: countOf(sections.get(TABLE)),
    fuel: countOf(sections.get(GLOBAL)),
  };
  const start = sections.get(START);
  const changed = new Map<number, Uint8Array | number[]>(sections);
  changed.set(TYPE, append(readTypes(sections.get(TYPE)), [[0x60, 0, 0]]));
  changed.set(TABLE, append(limitTables(sections.get(TABLE)), [[0x70, 1, 1, 1]]));
  changed.set(MEMORY, limitMemory(sections.get(MEMORY), Math.floor(memoryBytes / PAGE_BYTES)));
  changed.set(GLOBAL, append(sections.get(GLOBAL), [[0x7e, 1, 0x42, 0, 0x0b]]));
  const exports = [
    [...named(FUEL_EXPORT), 3, ...u32ToLeb(metering.fuel)],
    [...named(PAUSE_EXPORT), 1, ...u32ToLeb(metering.table)],
    ...(start === undefined ? [] : [[...named(START_EXPORT), 0, ...start]]),
  ];
  changed.set(EXPORT, append(sections.get(EXPORT), exports));
  changed.set(CODE, meterCode(sections.get(CODE), metering));
  const parts: Uint8Array[] = [header];
  for (const id of ORDER) {
    const payload = changed.get(id);
    if (payload !== undefined)
      parts.push(Uint8Array.from([id, ...u32ToLeb(payload.length)]), Uint8Array.from(payload));
  }
  return join(parts);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Every section but those of names and notes. */
function readSections(bytes: Uint8Array): Map<number, Uint8Array> {
  const reader = new WasmReader(bytes);
  const sections = new Map<number, Uint8Array>();
  while (!reader.isDone) {
    const id = reader.byte();
    const payload = reader.take(reader.u32());
    if (id === 0) continue;
    if (id > DATA_COUNT) throw new WasmRefused(`has a section of kind ${id}, which is not metered here`);
    sections.set(id, payload);
  }
  return sections;
}

const countOf = (section: Uint8Array | undefined): number =>
  section === undefined ? 0 : new WasmReader(section).u32();

const named = (name: string): number[] => [name.length, ...new TextEncoder().encode(name)];

/** A vector with more entries. */
function append(section: Uint8Array | undefined, entries: readonly (readonly number[])[]): Uint8Array {
  const reader = new WasmReader(section ?? Uint8Array.of(0));
  const count = reader.u32() + entries.length;
  return join([
    Uint8Array.from(u32ToLeb(count)),
    reader.rest(),
    ...entries.map((entry) => Uint8Array.from(entry)),
  ]);
}

function refuseImports(section: Uint8Array | undefined): void {
  if (section === undefined) return;
  const reader = new WasmReader(section);
  if (reader.u32() === 0) return;
  const [module, name] = [reader.take(reader.u32()), reader.take(reader.u32())].map((text) =>
    new TextDecoder().decode(text.subarray(0, 60)),
  );
  throw new WasmRefused(
    `imports ${module}.${name}; nothing is granted here, neither files, network nor a clock`,
  );
}

function readTypes(section: Uint8Array | undefined): Uint8Array | undefined {
  if (section === undefined) return undefined;
  const reader = new WasmReader(section);
  for (let left = reader.u32(); left > 0; left -= 1) {
    if (reader.byte() !== 0x60) throw new WasmRefused('has types of another kind than functions');
    for (const _ of ['parameters', 'results'])
      for (let types = reader.u32(); types > 0; types -= 1) reader.skipLeb();
  }
  return section;
}

function readLimits(reader: WasmReader, most: number, what: string): number[] {
  const flags = reader.byte();
  if (flags > 1) throw new WasmRefused(`has ${what} that is shared or of 64 bits`);
  const least = reader.u32();
  const wanted = flags === 1 ? reader.u32() : most;
  if (least > most) throw new WasmRefused(`wants ${least} ${what}, at most ${most} are given`);
  return [1, ...u32ToLeb(least), ...u32ToLeb(Math.min(wanted, most))];
}

function limitTables(section: Uint8Array | undefined): Uint8Array | undefined {
  if (section === undefined) return undefined;
  const reader = new WasmReader(section);
  const count = reader.u32();
  if (count > 16) throw new WasmRefused(`has ${count} tables, at most 16 are given`);
  const limited: number[] = [...u32ToLeb(count)];
  for (let left = count; left > 0; left -= 1) {
    const type = reader.byte();
    if (type !== 0x70 && type !== 0x6f) throw new WasmRefused('has a table of another kind');
    limited.push(type, ...readLimits(reader, MAX_TABLE_ENTRIES, 'entries of a table'));
  }
  return Uint8Array.from(limited);
}

function limitMemory(section: Uint8Array | undefined, pages: number): Uint8Array {
  if (section === undefined) throw new WasmRefused('has no memory; it has to export one as "memory"');
  const reader = new WasmReader(section);
  if (reader.u32() !== 1) throw new WasmRefused('has several memories');
  return Uint8Array.from([1, ...readLimits(reader, pages, 'pages of memory')]);
}

interface Metering {
  readonly type: number;
  readonly table: number;
  readonly fuel: number;
}

/** Takes `cost` from the counter, and calls the pause when that made it negative. */
function checkpoint({ type, table, fuel }: Metering, cost: number): number[] {
  const [global, constant] = [u32ToLeb(fuel), positiveToSignedLeb(cost)];
  const spend = [0x23, ...global, 0x42, ...constant, 0x7d, 0x24, ...global];
  const pause = [0x04, 0x40, 0x41, 0, 0x11, ...u32ToLeb(type), ...u32ToLeb(table), 0x0b];
  return [...spend, 0x23, ...global, 0x42, 0, 0x53, ...pause];
}

function meterCode(section: Uint8Array | undefined, metering: Metering): Uint8Array {
  const reader = new WasmReader(section ?? Uint8Array.of(0));
  const count = reader.u32();
  if (count > MAX_FUNCTIONS)
    throw new WasmRefused(`has ${count} functions, at most ${MAX_FUNCTIONS} are taken`);
  const parts: Uint8Array[] = [Uint8Array.from(u32ToLeb(count))];
  for (let left = count; left > 0; left -= 1) {
    const body = meterBody(reader.take(reader.u32()), metering);
    parts.push(Uint8Array.from(u32ToLeb(body.length)), body);
  }
  return join(parts);
}

/** One body, with a checkpoint at its start and at the start of each loop. */
function meterBody(body: Uint8Array, metering: Metering): Uint8Array {
  const reader = new WasmReader(body);
  for (let groups = reader.u32(); groups > 0; groups -= 1) {
    reader.skipLeb();
    reader.skipLeb();
  }
  /** Where checkpoints go, with the instructions that each pays for: not those of loops inside. */
  const places: { readonly at: number; cost: number }[] = [{ at: reader.at, cost: 1 }];
  const frames = [places[0]!];
  while (frames.length > 0) {
    const role = passInstruction(reader);
    const frame = frames.at(-1)!;
    frame.cost += 1;
    if (role === 'loop') {
      const place = { at: reader.at, cost: 1 };
      places.push(place);
      frames.push(place);
    } else if (role === 'open') frames.push(frame);
    else if (role === 'end') frames.pop();
  }
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { at, cost } of places) {
    parts.push(body.subarray(from, at), Uint8Array.from(checkpoint(metering, cost)));
    from = at;
  }
  parts.push(body.subarray(from));
  return join(parts);
}
