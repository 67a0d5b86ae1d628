import { bytesToHex, CairnError } from '@cairn/core';
import { bitmapOf, type RosterView, type RoundView, type TensorShape } from '@cairn/protocol';
import { planOf } from '../machine/run-plan.ts';
import { maxUpdateBytes } from '../update/decode-update.ts';
import { decodePageList, type PagePlace, placePages } from '../weights/pages.ts';
import type { BlobsOfRound } from './blob-holder.ts';
import { readFetched } from './read-fetched.ts';
import type { RunDesk } from './run-desk.ts';

const NOTHING = '0'.repeat(64);
const MIB = 2 ** 20;

/** A place of the open round that committed. */
export type CommittedPlace = RosterView & { readonly update: NonNullable<RosterView['update']> };

/** Places that committed, in roster order. */
export function updatesOf({ roster }: Pick<RoundView, 'roster'>): CommittedPlace[] {
  return roster.filter((place): place is CommittedPlace => place.update !== null);
}

/** Whether an update is here; never: what its trainer committed to can be no update of the run, however long one waits. */
type Finding = 'found' | 'missing' | 'never';

/**
 * Brings the updates of a round in, each from its trainer first and then from whoever has it. Nothing is fetched that
 * is longer than any update of the run, or than what one can leave unsent.
 *
 * @returns a bitmap of the places whose update is here, and how many are not and may still come
 */
export async function fetchRoundUpdates(
  desk: RunDesk,
  view: RoundView,
  { round, withResiduals }: { readonly round: number; readonly withResiduals: boolean },
): Promise<{ readonly found: Uint8Array; readonly missing: number }> {
  const places = updatesOf(view);
  const peers = view.roster.map(({ peer }) => peer);
  const { codec, table } = planOf(desk.manifest);
  const mostBytes = maxUpdateBytes(codec, table);
  const findings = await Promise.all(
    places.map(async ({ peer, update }): Promise<Finding> => {
      if (update.sizeBytes > mostBytes) return 'never';
      try {
        const from = [peer, ...peers.filter((each) => each !== peer)];
        const blob = { id: bytesToHex(update.payload), maxBytes: update.sizeBytes, holder: peer };
        await desk.fetch([blob], from, { round, use: 'weights' });
        if (!withResiduals) return 'found';
        return (await fetchResidual(desk, bytesToHex(update.residualRoot), from, round)) ? 'found' : 'never';
      } catch (error) {
        if (error instanceof CairnError && error.code === 'BLOB_NOT_FETCHED') return 'missing';
        throw error;
      }
    }),
  );
  return {
    found: bitmapOf(places.filter((_, index) => findings[index] === 'found').map(({ place }) => place)),
    missing: findings.filter((finding) => finding === 'missing').length,
  };
}

/**
 * Brings in what a trainer left unsent: the list and its pages.
 *
 * @param round that it is of.
 * @returns false when what it committed to is nothing that an update of the run can leave
 * @throws CairnError `BLOB_NOT_FETCHED` when nobody has it, or what is here is damaged
 */
export async function fetchResidual(
  desk: RunDesk,
  list: string,
  from: readonly string[],
  round: number,
): Promise<boolean> {
  if (list === NOTHING) return true;
  const of: BlobsOfRound = { round, use: 'cases' };
  await desk.fetch([{ id: list, maxBytes: 16 * MIB }], from, of);
  const { table } = planOf(desk.manifest);
  const pages = readList(await readFetched(desk.library, list), table);
  if (pages === null) return false;
  const wanted = new Map(pages.map(({ id, place }) => [id, 4 * place.length]));
  await desk.fetch(
    Array.from(wanted, ([id, maxBytes]) => ({ id, maxBytes })),
    from,
    of,
  );
  for (const { id, place } of pages)
    if ((await readFetched(desk.library, id)).length !== 4 * place.length) return false;
  return true;
}

/** The pages that a list names; null when it is not one of these tensors. */
function readList(
  bytes: Uint8Array,
  table: readonly TensorShape[],
): readonly { readonly id: string; readonly place: PagePlace }[] | null {
  try {
    const { tensors, pages } = decodePageList(bytes);
    const text = (shapes: readonly TensorShape[]) =>
      shapes.map(({ name, shape }) => `${name} ${shape.join('x')}`).join();
    if (text(tensors) !== text(table)) return null;
    return placePages(table).map((place, index) => ({ id: bytesToHex(pages[index]!), place }));
  } catch (error) {
    if (error instanceof CairnError) return null;
    throw error;
  }
}
