import { writeFile } from 'node:fs/promises';

/**
 * The module of this folder, byte by byte: FNV-1a of the input, as eight hexadecimal digits. Written by hand to show
 * all that a function needs; any compiler to core WebAssembly makes the same three exports.
 */

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const signed = (value: number): number[] => {
  const low = value & 127;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return isLast ? [low] : [low | 128, ...signed(rest)];
};
const section = (id: number, payload: readonly number[]): number[] => [
  id,
  ...leb(payload.length),
  ...payload,
];
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const named = (name: string, kind: number, index: number): number[] => [
  name.length,
  ...new TextEncoder().encode(name),
  kind,
  index,
];
const body = (locals: readonly number[], code: readonly number[]): number[] => {
  const whole = [...locals, ...code, 0x0b];
  return [...leb(whole.length), ...whole];
};

const [I32, I64] = [0x7f, 0x7e];
const constant = (value: number) => [0x41, ...signed(value)];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const [ADD, SUB, MUL, AND, XOR, SHR, LT, GE] = [
  [0x6a],
  [0x6b],
  [0x6c],
  [0x71],
  [0x73],
  [0x76],
  [0x49],
  [0x4f],
];
const OUTPUT = 16;
const INPUT = 1024;

/** Grows the memory when the input needs it; the input goes to a fixed place, for each call has its own memory. */
const alloc = body(
  [0],
  [
    ...get(0),
    ...constant(64_512),
    ...[0x4b],
    ...[0x04, 0x40],
    ...get(0),
    ...constant(16),
    ...SHR,
    ...constant(1),
    ...ADD,
    0x40,
    0,
    0x1a,
    0x0b,
    ...constant(INPUT),
  ],
);

/** Locals: 0 address, 1 length, 2 hash, 3 place, 4 digit. */
const handle = body(
  [1, 3, I32],
  [
    ...constant(-2_128_831_035),
    ...set(2),
    ...[0x02, 0x40, 0x03, 0x40],
    ...get(3),
    ...get(1),
    ...GE,
    0x0d,
    1,
    ...get(2),
    ...get(0),
    ...get(3),
    ...ADD,
    0x2d,
    0,
    0,
    ...XOR,
    ...constant(16_777_619),
    ...MUL,
    ...set(2),
    ...get(3),
    ...constant(1),
    ...ADD,
    ...set(3),
    0x0c,
    0,
    0x0b,
    0x0b,
    ...constant(0),
    ...set(3),
    ...[0x03, 0x40],
    ...get(2),
    ...constant(28),
    ...get(3),
    ...constant(4),
    ...MUL,
    ...SUB,
    ...SHR,
    ...constant(15),
    ...AND,
    ...set(4),
    ...constant(OUTPUT),
    ...get(3),
    ...ADD,
    ...get(4),
    ...constant(48),
    ...ADD,
    ...get(4),
    ...constant(87),
    ...ADD,
    ...get(4),
    ...constant(10),
    ...LT,
    0x1b,
    0x3a,
    0,
    0,
    ...get(3),
    ...constant(1),
    ...ADD,
    ...set(3),
    ...get(3),
    ...constant(8),
    ...LT,
    0x0d,
    0,
    0x0b,
    ...constant(OUTPUT),
    0xad,
    0x42,
    32,
    0x86,
    0x42,
    8,
    0x84,
  ],
);

/** The bytes of function.wasm. */
export function buildFingerprint(): Uint8Array {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      vector([
        [0x60, 1, I32, 1, I32],
        [0x60, 2, I32, I32, 1, I64],
      ]),
    ),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector([named('memory', 2, 0), named('alloc', 0, 0), named('handle', 0, 1)])),
    ...section(10, vector([alloc, handle])),
  ]);
}

if (import.meta.main) await writeFile(new URL('./function.wasm', import.meta.url), buildFingerprint());
