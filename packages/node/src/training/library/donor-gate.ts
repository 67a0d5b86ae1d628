import type { PeerName } from '@cairn/protocol';

/** Streams that a donor serves one peer at a time; what is asked beyond is refused. */
const MOST = 2;

/** Sees to it that this peer never asks a donor for more at a time than it serves, whatever asks. */
export interface DonorGate {
  /** Waits for a turn at a donor. @returns ends the turn */
  enter(donor: PeerName): Promise<() => void>;
}

export function createDonorGate(): DonorGate {
  const inside = new Map<PeerName, number>();
  const waiting = new Map<PeerName, (() => void)[]>();

  function leave(donor: PeerName): void {
    const next = waiting.get(donor)?.shift();
    // The turn goes to who waits longest.
    if (next !== undefined) {
      next();
      return;
    }
    waiting.delete(donor);
    const left = inside.get(donor)! - 1;
    if (left === 0) inside.delete(donor);
    else inside.set(donor, left);
  }

  return {
    async enter(donor) {
      const now = inside.get(donor) ?? 0;
      if (now < MOST) inside.set(donor, now + 1);
      else
        await new Promise<void>((resolve) => {
          waiting.set(donor, [...(waiting.get(donor) ?? []), resolve]);
        });
      let isOver = false;
      return () => {
        if (!isOver) leave(donor);
        isOver = true;
      };
    },
  };
}
