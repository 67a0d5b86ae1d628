import { type WasmReader, WasmRefused } from './wasm-bytes.ts';

const LOOP = 0x03;
const END = 0x0b;
const OPENS_FRAME = new Set([0x02, LOOP, 0x04]);

/** What the next instruction is to metering. */
export type InstructionRole = 'loop' | 'open' | 'end' | 'plain';

/**
 * Passes over one instruction with its immediates.
 *
 * @throws WasmRefused for one that is not known: what cannot be read cannot be metered
 */
export function passInstruction(reader: WasmReader): InstructionRole {
  const opcode = reader.byte();
  if (OPENS_FRAME.has(opcode)) {
    reader.skipLeb();
    return opcode === LOOP ? 'loop' : 'open';
  }
  if (opcode === END) return 'end';
  passImmediates(reader, opcode);
  return 'plain';
}

function passImmediates(reader: WasmReader, opcode: number): void {
  const isPlain =
    opcode <= 0x01 ||
    opcode === 0x05 ||
    opcode === 0x0f ||
    opcode === 0x1a ||
    opcode === 0x1b ||
    (opcode >= 0x45 && opcode <= 0xc4) ||
    opcode === 0xd1;
  if (isPlain) return;
  if (opcode >= 0x28 && opcode <= 0x3e) {
    passMemoryArgument(reader);
    return;
  }
  switch (opcode) {
    // br, br_if, call, return_call, locals, globals, tables, memory.size, memory.grow, constants, ref.null, ref.func
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x12:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x3f:
    case 0x40:
    case 0x41:
    case 0x42:
    case 0xd0:
    case 0xd2:
      reader.skipLeb();
      return;
    case 0x0e: {
      for (let targets = reader.u32() + 1; targets > 0; targets -= 1) reader.skipLeb();
      return;
    }
    // call_indirect, return_call_indirect
    case 0x11:
    case 0x13:
      reader.skipLeb();
      reader.skipLeb();
      return;
    case 0x1c: {
      for (let types = reader.u32(); types > 0; types -= 1) reader.skipLeb();
      return;
    }
    case 0x43:
      reader.take(4);
      return;
    case 0x44:
      reader.take(8);
      return;
    case 0xfc:
      passBulk(reader);
      return;
    case 0xfd:
      passVector(reader);
      return;
    default:
      throw new WasmRefused(`uses the instruction 0x${opcode.toString(16)}, which is not metered here`);
  }
}

function passMemoryArgument(reader: WasmReader): void {
  if ((reader.u32() & 0x40) !== 0) reader.skipLeb();
  reader.skipLeb();
}

function passBulk(reader: WasmReader): void {
  const kind = reader.u32();
  if (kind > 17) throw new WasmRefused(`uses the instruction 0xfc ${kind}, which is not metered here`);
  if (kind < 8) return;
  const immediates = [8, 10, 12, 14].includes(kind) ? 2 : 1;
  for (let n = 0; n < immediates; n += 1) reader.skipLeb();
}

function passVector(reader: WasmReader): void {
  const kind = reader.u32();
  if (kind <= 11 || kind === 92 || kind === 93) {
    passMemoryArgument(reader);
    return;
  }
  if (kind === 12 || kind === 13) {
    reader.take(16);
    return;
  }
  if (kind >= 21 && kind <= 34) {
    reader.byte();
    return;
  }
  if (kind >= 84 && kind <= 91) {
    passMemoryArgument(reader);
    reader.byte();
    return;
  }
  if (kind > 255) throw new WasmRefused(`uses the instruction 0xfd ${kind}, which is not metered here`);
}
