/** Reads the bytes of a WebAssembly module that was found valid, so that what is read is what it seems. */
export class WasmReader {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new WasmRefused('it ends too early');
    this.at += 1;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new WasmRefused('a number is too long');
  }

  /** Passes over a LEB128 number of any kind. */
  skipLeb(): void {
    for (let count = 0; count < 10; count += 1) if (this.byte() < 0x80) return;
    throw new WasmRefused('a number is too long');
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new WasmRefused('it ends too early');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.at);
  }
}

/** Why a module cannot run here, in words that finish "it …". */
export class WasmRefused extends Error {
  override readonly name = 'WasmRefused';
}

/** An unsigned LEB128 number. */
export function u32ToLeb(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return bytes;
}

/** A signed LEB128 number that is not negative. */
export function positiveToSignedLeb(value: number): number[] {
  const bytes = u32ToLeb(value);
  const last = bytes.at(-1)!;
  // The highest bit of the last byte is the sign.
  return (last & 0x40) === 0 ? bytes : [...bytes.slice(0, -1), last | 0x80, 0];
}
