import { bytesToHex, type Crypto, type Logger } from '@cairn/core';
import {
  decodeRunManifest,
  findManifestFault,
  type PaidRoundView,
  type PeerName,
  type RunManifest,
  type RunReader,
  type RunView,
} from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import { KEPT_STATES } from '../machine/forecast.ts';
import { readDataIndex, shardsOfIndex } from '../machine/run-data.ts';
import { toleranceClass } from '../replay/tolerance.ts';
import { decodePageList, weightRootOf } from '../weights/pages.ts';
import { type BlobsOfRound, type BlobUse, holderOf } from './blob-holder.ts';
import type { RunCompute } from './compute-port.ts';
import { findPath } from './find-path.ts';
import { readFetched } from './read-fetched.ts';
import type { OpenComputeOptions } from './run-compute.ts';
import type { NamedUpdate, WantedBlob } from './run-shapes.ts';

/** What a machine holds of training runs, each blob under its SHA-256 in hex. */
export interface RunLibrary {
  /** Keeps bytes for a run. Hidden: handed to nobody until `show`. */
  put(run: string, bytes: Uint8Array, options?: { readonly isHidden?: boolean }): Promise<string>;
  /** The bytes, checked against their id; null when they are not here. */
  get(id: string): Promise<Uint8Array | null>;
  show(id: string): Promise<void>;
  /** Says that a run needs a blob that is here already. False: it is not here. */
  share(run: string, id: string): Promise<boolean>;
  /** A run does not need this blob any more. It goes when no other does. */
  drop(run: string, id: string): Promise<void>;
  /** Nobody can ask any more for what was held for this use of rounds before one. See `holderOf`. */
  forget(run: string, use: BlobUse, before: number): Promise<void>;
}

export interface RunDeskParts<Compute extends RunCompute = RunCompute> {
  readonly crypto: Crypto;
  readonly ledger: RunReader;
  readonly library: RunLibrary;
  readonly log: Logger;
  /** Brings blobs into the library, from these peers or from elsewhere. @throws CairnError `BLOB_NOT_FETCHED` */
  readonly fetch: (holder: string, blobs: readonly WantedBlob[], from: readonly PeerName[]) => Promise<void>;
  /** Asked with the manifest before anything else is fetched; what it throws ends the opening. */
  readonly accept?: (manifest: RunManifest) => void;
  /** Opens where the run is computed. */
  readonly openCompute: (options: OpenComputeOptions) => Promise<Compute & Partial<AsyncDisposable>>;
}

/** What a machine does for one run, whatever its part in it: brings in what it needs, and computes. */
export interface RunDesk<Compute extends RunCompute = RunCompute> extends AsyncDisposable {
  readonly id: Uint8Array;
  /** In hex. */
  readonly name: string;
  readonly manifest: RunManifest;
  readonly compute: Compute;
  readonly library: RunLibrary;
  sha256(bytes: Uint8Array): Uint8Array;
  /**
   * Brings blobs into the library.
   *
   * @param of what they are held for. @default the run
   * @throws CairnError `BLOB_NOT_FETCHED`
   */
  fetch(blobs: readonly WantedBlob[], from: readonly PeerName[], of?: BlobsOfRound): Promise<void>;
  /** Forgets what was fetched for rounds that nobody can ask for any more. */
  tidy(run: RunView): Promise<void>;
  /** Sees to it that the thread has the weights of a root. @throws TrainingError `WEIGHTS_OUT_OF_REACH`, `BLOB_NOT_FETCHED` */
  bring(run: RunView, root: Uint8Array, from: readonly PeerName[]): Promise<void>;
  /** The same work for several roles of a node is done once: its result, for as long as a few newer ones are not there. */
  once<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Puts the pages of the weights after a round into the library, where others fetch them. @returns the id of their list */
  shelve(root: string, round: number): Promise<string>;
}

/** Results of work that several roles may ask for. */
const REMEMBERED = 32;
const MIB = 2 ** 20;
/** The list of the pages of weights, and what they are held for. */
interface HeldWeights {
  readonly list: string;
  readonly of?: BlobsOfRound;
}

const NO_CLASS = '0'.repeat(64);

/**
 * Opens a run: its manifest, its data and the thread that computes it.
 *
 * @throws TrainingError `RUN_MALFORMED` when the manifest does not say what the ledger does; `BLOB_NOT_FETCHED`
 */
export async function openRunDesk<Compute extends RunCompute>(
  parts: RunDeskParts<Compute>,
  run: RunView,
): Promise<RunDesk<Compute>> {
  const { ledger, library, log } = parts;
  const name = bytesToHex(run.id);
  const fetch: RunDesk['fetch'] = (blobs, from, of) => parts.fetch(holderOf(name, of), blobs, from);

  const id = bytesToHex(run.manifest);
  await fetch([{ id, maxBytes: run.manifestBytes }], []);
  const manifest = decodeRunManifest(await readFetched(library, id));
  const fault = findManifestFault(manifest) ?? findDifference(parts.crypto, manifest, run);
  if (fault !== null) throw malformed(name, fault);
  parts.accept?.(manifest);
  await fetchData(parts, manifest, fetch);
  const compute = await parts.openCompute({ manifest: id, states: KEPT_STATES });
  log.info('run opened', { run: name });

  async function loadList(
    root: string,
    { list, of }: HeldWeights,
    from: readonly PeerName[],
  ): Promise<string> {
    await fetch([{ id: list, maxBytes: 16 * MIB }], from, of);
    const listed = decodePageList(await readFetched(library, list));
    // Before any page: a list may name 64 GiB, and whoever posted it is a stranger.
    const named = bytesToHex(weightRootOf(parts.crypto, listed));
    if (named !== root) throw malformed(name, `its list of weights makes the root ${named}, not ${root}`);
    await fetch(
      [...new Set(listed.pages.map(bytesToHex))].map((page) => ({ id: page, maxBytes: MIB })),
      from,
      of,
    );
    return compute.load(list);
  }

  async function load(root: string, from: readonly PeerName[], lists: ReadonlyMap<string, HeldWeights>) {
    if (await compute.has(root)) return;
    const { initial } = manifest;
    const isInitial = bytesToHex(initial.root) === root;
    const loaded =
      isInitial && initial.seed !== null
        ? await compute.start(initial.seed)
        : await loadList(root, isInitial ? { list: bytesToHex(initial.pages) } : lists.get(root)!, from);
    if (loaded !== root) throw malformed(name, `its weights have the root ${loaded}, not ${root}`);
  }

  async function applyRound(paid: PaidRoundView, from: readonly PeerName[]): Promise<void> {
    const updates = acceptedOf(paid);
    await fetch(updates, from, { round: paid.round, use: 'weights' });
    const base = bytesToHex(paid.baseRoot);
    const root = await compute.apply({ base, run: run.id, round: paid.round, updates });
    if (root === bytesToHex(paid.newRoot)) return;
    throw malformed(
      name,
      `round ${paid.round} leads to ${root}, and the ledger has ${bytesToHex(paid.newRoot)}`,
    );
  }

  async function bring(latest: RunView, root: Uint8Array, from: readonly PeerName[]): Promise<void> {
    const wanted = bytesToHex(root);
    if (await compute.has(wanted)) return;
    const posted = await ledger.latestCheckpoint(run.id);
    const lists = new Map<string, HeldWeights>();
    if (posted !== null)
      lists.set(bytesToHex(posted.checkpoint.root), {
        list: bytesToHex(posted.checkpoint.manifest),
        of: { round: posted.round, use: 'weights' },
      });
    const known = new Set([...lists.keys(), bytesToHex(manifest.initial.root), ...heldRoots]);
    const path = await findPath(ledger, latest, root, (each) => known.has(each));
    await load(bytesToHex(path.from), from, lists);
    for (const paid of path.rounds) {
      await applyRound(paid, from);
      heldRoots.add(bytesToHex(paid.newRoot));
    }
    heldRoots.add(wanted);
    for (const held of heldRoots) if (!(await compute.has(held))) heldRoots.delete(held);
    log.debug('weights are here', { run: name, root: wanted, rounds: path.rounds.length });
  }

  /** What was forgotten last: looked at again only when another round is. */
  let tidied = '';
  async function tidy({ id: of, keptRound, unvestedRound }: RunView): Promise<void> {
    const now = `${keptRound} ${unvestedRound}`;
    if (now === tidied) return;
    const judged = (await ledger.cases(of)).map(({ round }) => round);
    await library.forget(name, 'weights', keptRound);
    // What the round before left unsent is part of an update.
    await library.forget(name, 'cases', Math.min(unvestedRound, ...judged) - 1);
    tidied = now;
  }

  const done = new Map<string, Promise<unknown>>();
  function once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = done.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const result = work();
    done.set(key, result);
    result.catch(() => done.delete(key));
    if (done.size > REMEMBERED) done.delete(done.keys().next().value as string);
    return result;
  }

  /** Roots that the thread had when it was asked last. */
  const heldRoots = new Set<string>();
  return {
    ...{
      id: run.id,
      name,
      manifest,
      compute,
      library,
      fetch,
      tidy,
      bring,
      once,
      sha256: parts.crypto.sha256,
    },
    async shelve(root, round) {
      const holder = holderOf(name, { round, use: 'releases' });
      const bytes = await compute.list(root);
      const { pages } = decodePageList(bytes);
      for (const [index, page] of pages.entries())
        if (!(await library.share(holder, bytesToHex(page))))
          await library.put(holder, await compute.page(root, index));
      // Last, so that who finds the list finds the pages.
      return library.put(holder, bytes);
    },
    [Symbol.asyncDispose]: async () => compute[Symbol.asyncDispose]?.(),
  };
}

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

async function fetchData(
  { crypto, library }: Pick<RunDeskParts, 'crypto' | 'library'>,
  manifest: RunManifest,
  fetch: RunDesk['fetch'],
): Promise<void> {
  const sets = [...manifest.data, manifest.heldOut];
  const heads = [manifest.tokenizer, ...sets.map(({ index }) => index)];
  await fetch(
    heads.map((hash) => ({ id: bytesToHex(hash) })),
    [],
  );
  for (const set of sets) {
    const index = readDataIndex(crypto, set, manifest, await readFetched(library, bytesToHex(set.index)));
    await fetch(
      shardsOfIndex(index).map((id) => ({ id })),
      [],
    );
  }
}

/** What the manifest says otherwise than the ledger; null when nothing. */
function findDifference(
  crypto: Pick<Crypto, 'sha256'>,
  { inner, engine, engineClass, tolerance, initial, parent }: RunManifest,
  { terms, ...run }: RunView,
): string | null {
  if (inner.steps !== terms.innerSteps)
    return `its manifest has ${inner.steps} inner steps, and the ledger ${terms.innerSteps}`;
  if (engine !== terms.engine)
    return `its manifest is of a run that is ${engine}, and the ledger's is ${terms.engine}`;
  const named = engineClass.length === 0 ? NO_CLASS : bytesToHex(engineClass);
  if (named !== bytesToHex(terms.engineClass))
    return 'its manifest names another class of engine, or other bounds, than the ledger';
  if (tolerance !== undefined && bytesToHex(toleranceClass(crypto, tolerance)) !== named)
    return 'its bounds are not those that it names';
  if (nameOfParent(parent) !== nameOfParent(run.parent))
    return `its manifest goes on from ${nameOfParent(parent)}, and the ledger's from ${nameOfParent(run.parent)}`;
  return initial.root.length === 32 ? null : 'its manifest names no first weights';
}

const nameOfParent = (parent: RunManifest['parent']): string =>
  parent === null ? 'nothing' : `round ${parent.round} of ${bytesToHex(parent.run)}`;

function malformed(run: string, reason: string): TrainingError {
  return new TrainingError(
    { code: 'RUN_MALFORMED', run, reason },
    `Run ${run.slice(0, 12)}… cannot be taken part in: ${reason}. Tell its owner.`,
  );
}
