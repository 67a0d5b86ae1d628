const PASSES = 3;

/** Four values and, for each selected value, which of them stands for it. */
export interface Quantised {
  readonly book: Int32Array;
  readonly codes: Uint8Array;
}

/**
 * Two bits for each selected value: sign, and whether it is large. What counts as large is found by three passes
 * of Lloyd's rule, from the mean magnitude on; an entry is the mean of what it stands for, rounded half up. Entries
 * rise strictly, the first two are negative, and one that stands for nothing is 0.
 */
export function quantise(values: Int32Array, positions: Uint32Array): Quantised {
  const count = positions.length;
  const codes = new Uint8Array(count);
  const book = new Int32Array(4);
  if (count === 0) return { book, codes };
  let total = 0;
  for (let i = 0; i < count; i += 1) total += Math.abs(values[positions[i]!]!);
  let low = -(total / count);
  let high = total / count;
  for (let pass = 1; ; pass += 1) {
    const sums = [0, 0, 0, 0];
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < count; i += 1) {
      const value = values[positions[i]!]!;
      const code = value < 0 ? (value < low ? 0 : 1) : value < high ? 2 : 3;
      codes[i] = code;
      sums[code]! += value;
      counts[code]! += 1;
    }
    const means = sums.map((sum, code) => (counts[code] === 0 ? 0 : sum / counts[code]!));
    if (pass === PASSES) {
      book.set(means.map(Math.round));
      return { book, codes };
    }
    if (counts[0]! > 0 && counts[1]! > 0) low = (means[0]! + means[1]!) / 2;
    if (counts[2]! > 0 && counts[3]! > 0) high = (means[2]! + means[3]!) / 2;
  }
}
