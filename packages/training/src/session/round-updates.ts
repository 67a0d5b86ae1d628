import { bytesToHex, CairnError } from '@cairn/core';
import { bitmapOf, type RosterView, type RoundView } from '@cairn/protocol';
import { decodePageList } from '../weights/pages.ts';
import type { RunDesk } from './run-desk.ts';

const NOTHING = '0'.repeat(64);
const MIB = 2 ** 20;

/** A place of the open round that committed. */
export type CommittedPlace = RosterView & { readonly update: NonNullable<RosterView['update']> };

/** Places that committed, in roster order. */
export function updatesOf({ roster }: Pick<RoundView, 'roster'>): CommittedPlace[] {
  return roster.filter((place): place is CommittedPlace => place.update !== null);
}

/**
 * Brings the updates of a round in, each from its trainer first and then from whoever has it.
 *
 * @returns a bitmap of the places whose update is here, and how many are not
 */
export async function fetchRoundUpdates(
  desk: RunDesk,
  view: RoundView,
  { withResiduals }: { readonly withResiduals: boolean },
): Promise<{ readonly found: Uint8Array; readonly missing: number }> {
  const places = updatesOf(view);
  const peers = view.roster.map(({ peer }) => peer);
  const found = await Promise.all(
    places.map(async ({ peer, update }) => {
      try {
        const from = [peer, ...peers.filter((each) => each !== peer)];
        await desk.fetch([{ id: bytesToHex(update.payload), maxBytes: update.sizeBytes }], from);
        if (withResiduals) await fetchResidual(desk, bytesToHex(update.residualRoot), from);
        return true;
      } catch (error) {
        if (error instanceof CairnError && error.code === 'BLOB_NOT_FETCHED') return false;
        throw error;
      }
    }),
  );
  return {
    found: bitmapOf(places.filter((_, index) => found[index]).map(({ place }) => place)),
    missing: found.filter((isFound) => !isFound).length,
  };
}

/** What a trainer left unsent: the list and its pages. */
export async function fetchResidual(desk: RunDesk, list: string, from: readonly string[]): Promise<void> {
  if (list === NOTHING) return;
  await desk.fetch([{ id: list, maxBytes: 16 * MIB }], from);
  const { pages } = decodePageList((await desk.library.get(list))!);
  await desk.fetch(
    [...new Set(pages.map(bytesToHex))].map((id) => ({ id, maxBytes: MIB })),
    from,
  );
}
