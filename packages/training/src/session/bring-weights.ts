import { bytesToHex, CairnError, hexToBytes } from '@cairn/core';
import type { PaidRoundView, PeerName, RunManifest, RunView } from '@cairn/protocol';
import { malformedRun } from '../errors.ts';
import { decodePageList, listedRoot, listNameOf } from '../weights/pages.ts';
import { acceptedOf } from './accepted-updates.ts';
import { type BlobsOfRound, holderOf } from './blob-holder.ts';
import type { RunCompute } from './compute-port.ts';
import { findPath } from './find-path.ts';
import { readFetched } from './read-fetched.ts';
import type { RunDesk, RunDeskParts } from './run-desk.ts';

export interface BringerParts
  extends Pick<RunDeskParts, 'crypto' | 'ledger' | 'library' | 'log'>,
    Pick<RunDesk, 'name' | 'fetch'> {
  readonly manifest: RunManifest;
  readonly compute: RunCompute;
}

/** The list of the pages of weights, and what they are held for. */
interface HeldWeights {
  /** What somebody posted; left out, the list is asked for by the root. */
  readonly list?: string;
  readonly of?: BlobsOfRound;
}

const MIB = 2 ** 20;
const MAX_LIST_BYTES = 16 * MIB;
/** What keeps weights from being had here and now: older ones may be there. */
const OUT_OF_REACH: readonly string[] = [
  'BLOB_NOT_FETCHED',
  'RUN_MALFORMED',
  'WEIGHTS_MALFORMED',
  'WEIGHTS_OUT_OF_REACH',
];
const isOutOfReach = (error: unknown): boolean =>
  error instanceof CairnError && OUT_OF_REACH.includes(error.code);

/**
 * Brings weights to where a run is computed: from the nearest that can be had before them and the rounds since. Those
 * are what is computed already, what was posted last, the checkpoint of the ledger, and the first weights.
 */
export function createBringer(parts: BringerParts): RunDesk['bring'] {
  const { crypto, ledger, library, log, manifest, compute, name, fetch } = parts;
  const firstRoot = bytesToHex(manifest.initial.root);
  /** Roots that were computed here when it was asked last. */
  const heldRoots = new Set<string>();

  async function findSources(latest: RunView): Promise<Map<string, HeldWeights>> {
    const sources = new Map<string, HeldWeights>();
    const { checkpointRound, checkpointRoot } = latest;
    sources.set(bytesToHex(checkpointRoot), { of: { round: checkpointRound, use: 'weights' } });
    const posted = await ledger.latestCheckpoint(latest.id);
    if (posted !== null)
      sources.set(bytesToHex(posted.checkpoint.root), {
        list: bytesToHex(posted.checkpoint.manifest),
        of: { round: posted.round, use: 'weights' },
      });
    sources.set(firstRoot, { list: bytesToHex(manifest.initial.pages) });
    return sources;
  }

  /** @returns the id of a list that was posted, once it is here and makes the root */
  async function bringPosted(root: string, { list = '', of }: HeldWeights, from: readonly PeerName[]) {
    await fetch([{ id: list, maxBytes: MAX_LIST_BYTES }], from, of);
    const bytes = await readFetched(library, list);
    const named = listedRoot(crypto, bytes);
    if (named !== root)
      throw malformedRun(name, `its list of weights makes the root ${named ?? 'of nothing'}, not ${root}`);
    return library.put(holderOf(name, of), bytes, { name: nameOf(root) });
  }

  /** The same from anybody who has those weights: what is taken makes the root, whoever sent it. */
  async function bringByRoot(root: string, { of }: HeldWeights, from: readonly PeerName[]): Promise<string> {
    const id = nameOf(root);
    const isIt = (bytes: Uint8Array) => listedRoot(crypto, bytes) === root;
    await fetch([{ id, maxBytes: MAX_LIST_BYTES, isIt }], from, of);
    return bytesToHex(crypto.sha256(await readFetched(library, id)));
  }

  async function bringList(root: string, held: HeldWeights, from: readonly PeerName[]): Promise<string> {
    if (held.list === undefined) return bringByRoot(root, held, from);
    try {
      return await bringPosted(root, held, from);
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      // Who posted it may be gone, or have posted something else.
      return bringByRoot(root, held, from).catch((second: unknown) => {
        throw isOutOfReach(second) ? error : second;
      });
    }
  }

  async function loadPages(root: string, held: HeldWeights, from: readonly PeerName[]): Promise<string> {
    // Before any page: a list may name 64 GiB, and whoever made it is a stranger.
    const list = await bringList(root, held, from);
    const { pages } = decodePageList(await readFetched(library, list));
    const ids = [...new Set(pages.map(bytesToHex))];
    await fetch(
      ids.map((id) => ({ id, maxBytes: MIB })),
      from,
      held.of,
    );
    return compute.load(list);
  }

  async function load(root: string, held: HeldWeights | undefined, from: readonly PeerName[]) {
    if (await compute.has(root)) return;
    const { seed } = manifest.initial;
    const isSeeded = root === firstRoot && seed !== null;
    // Weights that were computed here a moment ago may have made room for others.
    if (!isSeeded && held === undefined)
      throw malformedRun(name, `the weights ${root} are not here any more`);
    const loaded = isSeeded ? await compute.start(seed) : await loadPages(root, held!, from);
    if (loaded !== root) throw malformedRun(name, `its weights have the root ${loaded}, not ${root}`);
  }

  async function applyRound(run: Uint8Array, paid: PaidRoundView, from: readonly PeerName[]): Promise<void> {
    const updates = acceptedOf(paid);
    await fetch(updates, from, { round: paid.round, use: 'weights' });
    const base = bytesToHex(paid.baseRoot);
    const root = await compute.apply({ base, run, round: paid.round, updates });
    if (root === bytesToHex(paid.newRoot)) return;
    throw malformedRun(
      name,
      `round ${paid.round} leads to ${root}, and the ledger has ${bytesToHex(paid.newRoot)}`,
    );
  }

  /** Loads the nearest weights that can be had. @returns the rounds that lead on from them */
  async function loadNearest(latest: RunView, root: Uint8Array, from: readonly PeerName[]) {
    const sources = await findSources(latest);
    const known = new Set([...sources.keys(), ...heldRoots]);
    let problem: unknown = null;
    for (;;) {
      const path = await findPath(ledger, latest, root, (each) => known.has(each)).catch((error: unknown) => {
        throw problem !== null && isOutOfReach(error) ? problem : error;
      });
      const start = bytesToHex(path.from);
      try {
        await load(start, sources.get(start), from);
        return path.rounds;
      } catch (error) {
        if (!isOutOfReach(error)) throw error;
        // Of a list that nobody posted it is not known that anybody ever had it.
        if (sources.get(start)?.list !== undefined) problem ??= error;
        known.delete(start);
        log.debug('weights were not had, and older ones are tried', { run: name, root: start });
      }
    }
  }

  return async (latest, root, from) => {
    const wanted = bytesToHex(root);
    if (await compute.has(wanted)) return;
    const rounds = await loadNearest(latest, root, from);
    for (const paid of rounds) {
      await applyRound(latest.id, paid, from);
      heldRoots.add(bytesToHex(paid.newRoot));
    }
    heldRoots.add(wanted);
    for (const held of heldRoots) if (!(await compute.has(held))) heldRoots.delete(held);
    log.debug('weights are here', { run: name, root: wanted, rounds: rounds.length });
  };
}

const nameOf = (root: string): string => listNameOf(hexToBytes(root));
