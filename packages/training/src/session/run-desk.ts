import { bytesToHex, type Crypto, hexToBytes, type Logger } from '@cairn/core';
import {
  decodeRunManifest,
  findManifestFault,
  type PeerName,
  type RunManifest,
  type RunReader,
  type RunView,
} from '@cairn/protocol';
import { malformedRun } from '../errors.ts';
import { KEPT_STATES } from '../machine/forecast.ts';
import { readDataIndex, shardsOfIndex } from '../machine/run-data.ts';
import { toleranceClass } from '../replay/tolerance.ts';
import { decodePageList, listNameOf } from '../weights/pages.ts';
import { type BlobsOfRound, type BlobUse, holderOf } from './blob-holder.ts';
import { createBringer } from './bring-weights.ts';
import type { RunCompute } from './compute-port.ts';
import { readFetched } from './read-fetched.ts';
import type { OpenComputeOptions } from './run-compute.ts';
import type { WantedBlob } from './run-shapes.ts';

/** What a machine holds of training runs, each blob under its SHA-256 in hex. */
export interface RunLibrary {
  /** Keeps bytes for a run. Hidden: handed to nobody until `show`. Under a name, which is no hash, they are found too. */
  put(
    run: string,
    bytes: Uint8Array,
    options?: { readonly isHidden?: boolean; readonly name?: string },
  ): Promise<string>;
  /** The bytes of an id, checked against it, or of a name; null when they are not here. */
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
  /**
   * Puts the pages of weights into the library, where others fetch them; their list is found by the root too.
   *
   * @returns the id of their list
   */
  shelve(root: string, of: BlobsOfRound): Promise<string>;
}

/** Results of work that several roles may ask for. */
const REMEMBERED = 32;
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
  if (fault !== null) throw malformedRun(name, fault);
  parts.accept?.(manifest);
  await fetchData(parts, manifest, fetch);
  const compute = await parts.openCompute({ manifest: id, states: KEPT_STATES });
  log.info('run opened', { run: name });

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

  const bring = createBringer({ ...parts, compute, manifest, name, fetch });
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
    async shelve(root, of) {
      const holder = holderOf(name, of);
      const bytes = await compute.list(root);
      const { pages } = decodePageList(bytes);
      for (const [index, page] of pages.entries())
        if (!(await library.share(holder, bytesToHex(page))))
          await library.put(holder, await compute.page(root, index));
      // Last, so that who finds the list finds the pages.
      return library.put(holder, bytes, { name: listNameOf(hexToBytes(root)) });
    },
    [Symbol.asyncDispose]: async () => compute[Symbol.asyncDispose]?.(),
  };
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
