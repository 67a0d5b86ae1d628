import type { TensorTable } from '@cairn/protocol';
import type { Units } from '../update/change.ts';

/**
 * How much better an update points to a lower loss than chance would: the fall of the loss that the slope promises of
 * it, in standard deviations of what its values would promise if a coin gave each its sign. About 0 ± 1 of noise,
 * whatever its length and shape; of an update that was trained, the more the larger the model. The same for every
 * multiple of an update, so that who makes few steps is no worse off. No other update has a part in it, so that no
 * majority can use it against anybody.
 *
 * @param slope gradient of the loss at the weights that the update was trained from.
 * @param units what it subtracts from the weights.
 * @returns 0 when it promises nothing; not a number when the slope is none.
 */
export function aimOf(slope: TensorTable, units: Units): number {
  let fall = 0;
  let squares = 0;
  for (const [name, values] of units) {
    const gradient = slope.get(name)!;
    for (let i = 0; i < values.length; i += 1) {
      const part = gradient[i]! * values[i]!;
      fall += part;
      squares += part * part;
    }
  }
  return squares === 0 ? 0 : fall / Math.sqrt(squares);
}
