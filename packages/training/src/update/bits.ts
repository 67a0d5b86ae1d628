import { malformed } from './format.ts';

/** Bits from the lowest of each byte upwards. */
export interface BitWriter {
  write(value: number, bits: number): void;
  /** Quotient by 2^`lowBits` as so many ones and a zero, then the low bits (Rice's code). */
  writeRice(value: number, lowBits: number): void;
  /** The bytes; the last is filled up with zeros. */
  finish(): Uint8Array;
}

export function createBitWriter(expectedBytes: number): BitWriter {
  let bytes = new Uint8Array(Math.max(16, expectedBytes));
  let length = 0;
  let pending = 0;
  let held = 0;
  function flush(): void {
    if (length === bytes.length) {
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    bytes[length++] = pending & 255;
    pending >>>= 8;
    held -= 8;
  }
  function write(value: number, bits: number): void {
    pending |= value << held;
    held += bits;
    while (held >= 8) flush();
  }
  return {
    write,
    writeRice(value, lowBits) {
      let quotient = value >>> lowBits;
      while (quotient >= 8) {
        write(255, 8);
        quotient -= 8;
      }
      write((1 << quotient) - 1, quotient + 1);
      write(value & ((1 << lowBits) - 1), lowBits);
    },
    finish() {
      if (held > 0) {
        held = 8;
        flush();
      }
      return bytes.slice(0, length);
    },
  };
}

export interface BitReader {
  read(bits: number): number;
  /** @throws TrainingError `UPDATE_MALFORMED` when the value is above `limit`. */
  readRice(lowBits: number, limit: number): number;
  /** @throws TrainingError `UPDATE_MALFORMED` unless everything was read and what fills the last byte is zero. */
  end(): void;
}

/** Reads what a writer wrote. Every read past the end throws `UPDATE_MALFORMED`. */
export function createBitReader(bytes: Uint8Array): BitReader {
  const total = bytes.length * 8;
  let at = 0;
  function read(bits: number): number {
    if (at + bits > total) throw malformed('its bits end early');
    let value = 0;
    for (let got = 0; got < bits; ) {
      const taken = Math.min(bits - got, 8 - (at & 7));
      value |= ((bytes[at >>> 3]! >>> (at & 7)) & ((1 << taken) - 1)) << got;
      got += taken;
      at += taken;
    }
    return value;
  }
  return {
    read,
    readRice(lowBits, limit) {
      let quotient = 0;
      while (read(1) === 1) {
        quotient += 1;
        if (quotient << lowBits > limit) throw malformed('a gap leaves its block');
      }
      const value = (quotient << lowBits) | read(lowBits);
      if (value > limit) throw malformed('a gap leaves its block');
      return value;
    },
    end() {
      if (total - at >= 8) throw malformed('bytes follow its last gap');
      if (read(total - at) !== 0) throw malformed('what fills its last byte is not zero');
    },
  };
}
