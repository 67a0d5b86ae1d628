import type { Update } from '../update/format.ts';

/**
 * Share of the values of one sparse update that another has in the same places, beyond what chance puts there: about
 * 0 between strangers, 1 between copies. Tensors that are sent whole say nothing and are left out; of dense updates
 * it is 0.
 */
export function overlapOf(a: Update, b: Update): number {
  let equal = 0;
  let all = 0;
  let byChance = 0;
  for (const [index, tensor] of a.tensors.entries()) {
    const other = b.tensors[index]!;
    if (tensor.kind !== 'sparse' || other.kind !== 'sparse') return 0;
    const { positions, size } = tensor;
    if (positions.length === size) continue;
    all += positions.length;
    byChance += positions.length ** 2 / size;
    let at = 0;
    for (const position of positions) {
      while (at < other.positions.length && other.positions[at]! < position) at += 1;
      if (other.positions[at] === position) equal += 1;
    }
  }
  return all === 0 ? 0 : Math.max(0, (equal - byChance) / (all - byChance));
}
