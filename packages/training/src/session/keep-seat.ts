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
 * was away so long that it cannot be known. A bond that nothing holds is back at once: then what the seat was in its
 * last round says why it went.
 *
 * @param first the seat that it has
 */
export function createSeatKeeper(parts: SeatKeeperParts, first: SeatView): SeatKeeper {
  let last = first;
  let lastRound = 0;
  let isTold = false;
  const isDropped = ({ leftSlot, missed, openCases, isConvicted }: SeatView) =>
    !isConvicted &&
    (leftSlot > 0n ? missed >= MISSED_ROUNDS_LIMIT : missed === MISSED_ROUNDS_LIMIT - 1 && openCases === 0);

  return {
    async look({ run, roster }) {
      if (roster.some(({ device }) => areBytesEqual(device, parts.device))) {
        if (run.round === lastRound) return;
        last = (await parts.seat()) ?? last;
        lastRound = run.round;
        return;
      }
      const seat = await parts.seat();
      const known = seat ?? (await parts.seats()).find(({ number }) => number === last.number);
      if (known !== undefined) {
        last = known;
        return;
      }
      if (isDropped(last)) {
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
