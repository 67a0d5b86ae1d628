import type { Logger } from '@cairn/core';
import type { RosterView, RoundView, SeatView } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createSeatKeeper } from '../../src/session/keep-seat.ts';

const DEVICE = new Uint8Array(32).fill(1);
const aSeat = (more: Partial<SeatView> = {}) =>
  ({
    ...{ number: 4, device: DEVICE, missed: 0, isConvicted: false, leftSlot: 0n, openCases: 0 },
    ...more,
  }) as SeatView;
const viewOf = (seated: boolean, round: number) =>
  ({
    run: { round },
    roster: seated ? [{ device: DEVICE } as unknown as RosterView] : [],
  }) as unknown as RoundView;

/** A ledger whose seats a test decides; `joins` counts how often one was taken. */
function aKeeper(first: SeatView) {
  const world = { held: first as SeatView | null, listed: [first] as SeatView[], joins: 0, warnings: 0 };
  const keeper = createSeatKeeper(
    {
      device: DEVICE,
      seat: async () => world.held,
      seats: async () => world.listed,
      async join() {
        world.joins += 1;
      },
      log: { info: () => undefined, warn: () => (world.warnings += 1) } as unknown as Logger,
    },
    first,
  );
  const look = async (seated = false, round = 1) => {
    await keeper.look(viewOf(seated, round));
    return world.joins;
  };
  return { world, look };
}

describe('a machine that was away too long and lost its seat', () => {
  it('takes one again when its bond is back, so that never more than one is at stake', async () => {
    const { world, look } = aKeeper(aSeat());
    expect(await look(true)).toBe(0);
    world.held = null;
    world.listed = [aSeat({ missed: 3, leftSlot: 70n })];
    expect(await look()).toBe(0);
    expect(await look()).toBe(0);
    world.listed = [];
    expect(await look()).toBe(1);
    world.held = aSeat({ number: 9 });
    world.listed = [world.held];
    expect(await look()).toBe(1);
  });

  it('takes none again that its wallet gave back, or that was convicted', async () => {
    for (const ended of [{ missed: 1 }, { missed: 3, isConvicted: true }]) {
      const { world, look } = aKeeper(aSeat());
      world.held = null;
      world.listed = [aSeat({ ...ended, leftSlot: 70n })];
      expect(await look()).toBe(0);
      world.listed = [];
      expect(await look(), JSON.stringify(ended)).toBe(0);
    }
  });

  it('takes one again when its seat went at once with the third round that it missed', async () => {
    const { world, look } = aKeeper(aSeat());
    for (const [missed, round] of [
      [1, 8],
      [2, 9],
    ] as const) {
      world.held = aSeat({ missed });
      expect(await look(true, round)).toBe(0);
    }
    world.held = null;
    world.listed = [];
    expect([await look(false, 10), world.warnings]).toEqual([1, 0]);
  });

  it('takes none again when its seat went after two missed rounds with a case open', async () => {
    const { world, look } = aKeeper(aSeat());
    world.held = aSeat({ missed: 2, openCases: 1 });
    await look(true, 9);
    world.held = null;
    world.listed = [];
    expect([await look(false, 10), world.warnings]).toEqual([0, 1]);
  });

  it('takes none again when it cannot be known why it was lost, and says so once', async () => {
    const { world, look } = aKeeper(aSeat());
    world.held = null;
    world.listed = [];
    expect([await look(), await look(), world.warnings]).toEqual([0, 0, 1]);
  });
});
