import type { TensorShape } from '@cairn/protocol';
import type { Units } from './change.ts';
import type { Update } from './format.ts';

/**
 * The residual of a trainer whose update came too late or got lost: what it had sent is unsent again, so that no
 * work is lost. Dense updates leave no residual and cannot be taken back.
 */
export function takeBack(table: readonly TensorShape[], residual: Units, update: Update): Units {
  const whole = new Map<string, Int32Array>();
  for (const [index, { name }] of table.entries()) {
    const tensor = update.tensors[index]!;
    const values = residual.get(name)!.slice();
    if (tensor.kind === 'sparse')
      for (const [at, position] of tensor.positions.entries())
        values[position]! += tensor.book[tensor.codes[at]!]!;
    whole.set(name, values);
  }
  return whole;
}
