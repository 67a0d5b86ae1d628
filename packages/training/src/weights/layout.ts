/**
 * Rows of a query or key projection in llama.cpp's order: Hugging Face turns the first half of a head with the second
 * one, llama.cpp (its `llama` architecture) turns neighbours.
 *
 * @param values row-major, [heads · head size, `columns`].
 */
export function interleaveHeads(values: Float32Array, heads: number, columns: number): Float32Array {
  const permuted = new Float32Array(values.length);
  const size = values.length / columns / heads;
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < size; row++) {
      const from = head * size + row;
      const to = head * size + (row < size / 2 ? 2 * row : 2 * (row - size / 2) + 1);
      permuted.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
    }
  }
  return permuted;
}

/** A matrix of `rows` × `columns`, row-major, turned over its diagonal. */
export function transposeMatrix(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column]!;
  return turned;
}
