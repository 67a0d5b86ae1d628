import { portableCosine, portableExp, portableLog, portableSine } from '../../optimise/portable-math.ts';
import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';
import { elementwise } from './shape.ts';

/** The constants of rotary positions for heads of one size. */
export interface RopeTables {
  /** Shape [length, size]; both halves of a row are equal. */
  readonly cosine: Value;
  readonly sine: Value;
  /** `v · turn` is (−second half, first half) of v: a signed permutation, exact in every float format. */
  readonly turn: Value;
  readonly turnBack: Value;
}

/** @param base the longest wave's base, 10,000 in the paper and in llama 1 and 2 */
export function ropeTables(graph: Graph, length: number, size: number, base: number): RopeTables {
  const half = size / 2;
  const cosine = new Float32Array(length * size);
  const sine = new Float32Array(length * size);
  const logBase = portableLog(base);
  for (let at = 0; at < half; at += 1) {
    const frequency = portableExp((-2 * at * logBase) / size);
    for (let position = 0; position < length; position += 1) {
      const angle = position * frequency;
      const [c, s] = [portableCosine(angle), portableSine(angle)];
      for (const column of [at, at + half]) {
        cosine[position * size + column] = c;
        sine[position * size + column] = s;
      }
    }
  }
  const turn = new Float32Array(size * size);
  const turnBack = new Float32Array(size * size);
  for (let at = 0; at < half; at += 1) {
    turn[(at + half) * size + at] = -1;
    turn[at * size + at + half] = 1;
    turnBack[at * size + at + half] = -1;
    turnBack[(at + half) * size + at] = 1;
  }
  return {
    cosine: graph.constant(cosine, [length, size]),
    sine: graph.constant(sine, [length, size]),
    turn: graph.constant(turn, [size, size]),
    turnBack: graph.constant(turnBack, [size, size]),
  };
}

/**
 * Rotary positions in the rotate-half layout of Hugging Face.
 *
 * @param x shape [..., length, size]
 */
export function rope(graph: Graph, x: Value, tables: RopeTables): Value {
  const rotate = (value: Value, turn: Value): Value => {
    const turned = graph.node('MatMul', [value, turn], x.shape);
    const kept = elementwise(graph, 'Mul', value, tables.cosine);
    return elementwise(graph, 'Add', kept, elementwise(graph, 'Mul', turned, tables.sine));
  };
  // Both halves of a row of the tables are equal, so turning back before or after the product is the same.
  return graph.record([x], rotate(x, tables.turn), (gradient) => [rotate(gradient, tables.turnBack)]);
}
