const BINS = 2_048;
const BIN_BITS = 11;

/** Finds the largest values of blocks; keeps its scratch space between calls. */
export interface Selector {
  /**
   * Writes the positions of the `kept` largest of `values[start, end)` by magnitude to `out` from `at` on,
   * ascending. Of equal ones the first count. The block is at most 4,096 long and `kept` at most its length.
   */
  select(values: Int32Array, start: number, end: number, kept: number, out: Uint32Array, at: number): void;
}

/** One pass for the largest, one for a histogram of magnitudes, one to collect: O(block) and no sort of it. */
export function createSelector(): Selector {
  const bins = new Uint32Array(BINS);
  const candidates = new Uint32Array(4_096);
  return {
    select(values, start, end, kept, out, at) {
      let written = at;
      if (kept === end - start) {
        for (let i = start; i < end; i += 1) out[written++] = i;
        return;
      }
      let largest = 0;
      for (let i = start; i < end; i += 1) {
        const magnitude = Math.abs(values[i]!);
        if (magnitude > largest) largest = magnitude;
      }
      const shift = Math.max(0, 32 - Math.clz32(largest) - BIN_BITS);
      bins.fill(0);
      for (let i = start; i < end; i += 1) bins[Math.abs(values[i]!) >>> shift]!++;
      let bin = BINS - 1;
      let above = 0;
      while (above + bins[bin]! < kept) above += bins[bin--]!;
      let found = 0;
      for (let i = start; i < end; i += 1) {
        const magnitude = Math.abs(values[i]!);
        if (magnitude >>> shift === bin) candidates[found++] = magnitude;
      }
      const sorted = candidates.subarray(0, found);
      if (shift > 0) sorted.sort();
      const smallest = sorted[found - (kept - above)]!;
      let ties = kept - above;
      for (let i = found - 1; i >= 0 && sorted[i]! > smallest; i -= 1) ties -= 1;
      for (let i = start; i < end; i += 1) {
        const magnitude = Math.abs(values[i]!);
        if (magnitude > smallest || (magnitude === smallest && ties-- > 0)) out[written++] = i;
      }
    },
  };
}
