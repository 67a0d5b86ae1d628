const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** Bits of the half-precision number nearest to a single-precision one; ties go to the even one, as IEEE 754 wants. */
export function toHalf(value: number): number {
  FLOAT[0] = value;
  const bits = BITS[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7f_ffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const scaled = exponent - 112;
  if (scaled >= 31) return sign | 0x7c00;
  if (scaled > 0) return sign | roundOff((scaled << 23) | fraction, 13);
  if (scaled < -10) return sign;
  return sign | roundOff(fraction | 0x80_0000, 14 - scaled);
}

/** Drops the lowest bits, to the nearest, ties to even. A carry into the exponent is what it should be. */
function roundOff(bits: number, dropped: number): number {
  const kept = bits >>> dropped;
  const rest = bits & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The number that the bits of a half-precision one stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
