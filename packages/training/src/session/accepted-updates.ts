import { bytesToHex } from '@cairn/core';
import type { PaidRoundView } from '@cairn/protocol';
import type { NamedUpdate, WantedBlob } from './run-shapes.ts';

/** Updates that made the weights after a round, in roster order. */
export function acceptedOf({
  accepted,
  counted,
  lines,
  updates,
}: PaidRoundView): (NamedUpdate & WantedBlob)[] {
  const isIn = (bitmap: Uint8Array, place: number) => ((bitmap[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  return updates
    .filter(({ place }) => isIn(accepted, place) && isIn(counted, place))
    .toSorted((one, other) => one.place - other.place)
    .map(({ place, update }) => ({
      id: bytesToHex(update.payload),
      seat: lines[place]!.seat,
      steps: update.steps,
      maxBytes: update.sizeBytes,
    }));
}
