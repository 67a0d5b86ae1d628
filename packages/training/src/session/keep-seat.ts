import { type AccountId, areBytesEqual, type Logger } from '@cairn/core';
import { MISSED_ROUNDS_LIMIT, type RoundView, type SeatView } from '@cairn/protocol';

export interface SeatKeeperParts {
  readonly device: AccountId;
  /** The seat that the device has now. */
  readonly seat: () => Promise<SeatView | null>;
  /** All seats of the run, those that left and still hold a bond included. */
  readonly seats: () => Promise<readonly SeatView[]>;
  /** Puts up the bond. */
  readonly join: () => Promise<void>;
  readonly log: Logger;
}

export interface SeatKeeper {
  /** @throws CairnError for what is worth another try */
  look(view: RoundView): Promise<void>;
}

/**
 * A machine that slept through too many rounds loses its seat. It takes one again by itself once the ledger gave its
 * bond back, so never more than one bond is at stake; not when its wallet left, nor when it was convicted, nor when it
 * was away so long that it cannot be known.
 *
 * @param first the seat that it has
 */
export function createSeatKeeper(parts: SeatKeeperParts, first: SeatView): SeatKeeper {
  let last = first;
  let isTold = false;
  return {
    async look({ roster }) {
      if (roster.some(({ device }) => areBytesEqual(device, parts.device))) return;
      const seat = await parts.seat();
      const known = seat ?? (await parts.seats()).find(({ number }) => number === last.number);
      if (known !== undefined) {
        last = known;
        return;
      }
      if (last.leftSlot > 0n && last.missed >= MISSED_ROUNDS_LIMIT && !last.isConvicted) {
        await parts.join();
        parts.log.info('took a seat again', { lost: last.number });
      } else if (!isTold) {
        isTold = true;
        parts.log.warn('this machine has no seat any more; start it again to take one', {
          seat: last.number,
        });
      }
    },
  };
}
