import { bytesToUtf8, CairnError, type Logger, utf8ToBytes } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { type BlobUse, holderOf, readHolder } from '@cairn/training';
import type { ShrinkingBlobStore } from '../../data/blob-store.ts';
import { NodeError } from '../../errors.ts';

export interface LibraryParts {
  readonly blobs: ShrinkingBlobStore;
  /** Remembers which blob belongs to which runs, and which may be shown. */
  readonly records: RecordStore;
  readonly log: Logger;
}

export interface LibraryOptions {
  /** Most bytes of all runs together. @default 16 GiB */
  readonly maxBytes?: number;
  /** Most bytes of one run. @default 8 GiB */
  readonly maxRunBytes?: number;
}

export interface KeepOptions {
  /** Not handed to anybody until `show`. @default false */
  readonly isHidden?: boolean;
  /** It is found under this name too, which is no hash: see `listNameOf`. */
  readonly name?: string;
}

/**
 * What a machine holds of training runs: manifests, shards, pages, updates, traces, each under its SHA-256 in hex. A run
 * is named by its id, or by `holderOf` for what is held for one round of it.
 */
export interface Library {
  /** Keeps bytes for a run, durably. @throws NodeError `LIBRARY_FULL`, `BLOB_TOO_LARGE`, `DISK_FULL` */
  put(run: string, bytes: Uint8Array, options?: KeepOptions): Promise<string>;
  /** The bytes of an id, checked against it, or of a name; null when they are not here, or were and are damaged. */
  get(id: string): Promise<Uint8Array | null>;
  has(id: string): boolean;
  /** As `get`, for strangers: null also for what is hidden. */
  getShown(id: string): Promise<Uint8Array | null>;
  show(id: string): Promise<void>;
  /** Says that a run needs a blob, by its id or name, that is here already. False: it is not here. */
  share(run: string, id: string): Promise<boolean>;
  /** A run does not need this blob any more. It goes when no other does. */
  drop(run: string, id: string): Promise<void>;
  /** Nobody can ask any more for what was held for this use of rounds before one. */
  forget(run: string, use: BlobUse, before: number): Promise<void>;
  /** Blobs of a run and of its rounds, in no order. */
  blobsOf(run: string): string[];
  /** Bytes of one run; of all when left out. */
  sizeBytes(run?: string): number;
  /** A run that is over: its blobs make room for others when it is needed, those of the run that ended first first. */
  end(run: string): Promise<void>;
}

interface Entry {
  readonly sizeBytes: number;
  /** Names under which it is held. */
  readonly runs: readonly string[];
  readonly isShown: boolean;
  /** Another name of it. */
  readonly name?: string;
}

const BLOB = 'library/blob/';
const ENDED = 'library/ended/';
/** Newcomers begin with the newest, and with the one before it until the newest is posted. */
const KEPT_RELEASES = 2;
const GIB = 1024 ** 3;

/** Opens the library over what its records say is here. */
export function openLibrary({ blobs, records, log }: LibraryParts, options: LibraryOptions = {}): Library {
  const { maxBytes = 16 * GIB, maxRunBytes = 8 * GIB } = options;
  const entries = new Map<string, Entry>();
  const tally = createTally();
  /** Ids by name. */
  const named = new Map<string, string>();
  const idOf = (idOrName: string): string => named.get(idOrName) ?? idOrName;
  for (const key of records.keys(BLOB)) keep(key.slice(BLOB.length), readEntry(records.get(key)!));
  const ended = [...records.keys(ENDED)].map((key) => key.slice(ENDED.length)).map(parseEnded);
  /** Bytes that are being written, by run, so that writes at once do not pass the bounds together. */
  const writing = new Map<string, number>();

  const sizeBytes = (run?: string): number => {
    let sum = tally.of(run);
    for (const [writer, size] of writing) if (run === undefined || writer === run) sum += size;
    return sum;
  };

  function keep(id: string, entry: Entry): void {
    tally.subtract(entries.get(id));
    entries.set(id, entry);
    if (entry.name !== undefined) named.set(entry.name, id);
    tally.add(entry);
  }

  async function save(id: string, entry: Entry): Promise<void> {
    keep(id, entry);
    await records.set(BLOB + id, utf8ToBytes(JSON.stringify(entry)));
  }

  async function remove(id: string): Promise<void> {
    const { name } = entries.get(id) ?? {};
    if (name !== undefined) named.delete(name);
    tally.subtract(entries.get(id));
    entries.delete(id);
    // The record last: a file without a record would never be found again.
    await blobs.remove(id);
    if (!entries.has(id)) await records.delete(BLOB + id);
  }

  /** What is to be written counts already. */
  async function makeRoom(holder: string, size: number): Promise<void> {
    const run = runOf(holder);
    const isTooMuch = () => sizeBytes(run) > maxRunBytes;
    for (const name of isTooMuch() ? spareOf(run, holder) : []) {
      if (!isTooMuch()) break;
      for (const id of blobsOf(run)) await letGo(id, (each) => each === name);
    }
    if (isTooMuch()) throw full(run, size, maxRunBytes);
    for (const over of ended) {
      if (sizeBytes() <= maxBytes) return;
      if (over.run === run) continue;
      for (const id of blobsOf(over.run)) await letGo(id, (holder) => runOf(holder) === over.run);
    }
    if (sizeBytes() > maxBytes) throw full(run, size, maxBytes);
  }

  async function put(
    holder: string,
    bytes: Uint8Array,
    { isHidden = false, name }: KeepOptions,
  ): Promise<string> {
    const run = runOf(holder);
    writing.set(run, (writing.get(run) ?? 0) + bytes.length);
    try {
      await makeRoom(holder, bytes.length);
      const id = await blobs.put(bytes);
      const known = entries.get(id);
      const alias = name ?? known?.name;
      await save(id, {
        sizeBytes: bytes.length,
        runs: [...new Set([...(known?.runs ?? []), holder])],
        isShown: !isHidden || known?.isShown === true,
        ...(alias === undefined ? {} : { name: alias }),
      });
      return id;
    } finally {
      writing.set(run, writing.get(run)! - bytes.length);
    }
  }

  async function get(idOrName: string): Promise<Uint8Array | null> {
    const id = idOf(idOrName);
    if (!entries.has(id)) return null;
    try {
      const bytes = await blobs.get(id);
      if (bytes === null) await remove(id);
      return bytes;
    } catch (error) {
      if (!(error instanceof CairnError) || error.code !== 'BLOB_CORRUPT') throw error;
      log.warn('a blob of a run is damaged on disk and is fetched again', { id });
      await remove(id);
      return null;
    }
  }

  async function letGo(id: string, isOver: (holder: string) => boolean): Promise<void> {
    const entry = entries.get(id);
    if (entry === undefined || !entry.runs.some(isOver)) return;
    const runs = entry.runs.filter((each) => !isOver(each));
    if (runs.length === 0) await remove(id);
    else await save(id, { ...entry, runs });
  }

  /** Names of what a run can do without when `holder` needs room: what goes first is first. */
  function spareOf(run: string, holder: string): string[] {
    const releases = keptRounds(run, 'releases', holder).slice(0, -KEPT_RELEASES);
    const checkpoints = keptRounds(run, 'checkpoints', holder);
    return [
      ...releases.map((round) => holderOf(run, { round, use: 'releases' })),
      // The work of the rounds comes before what others could begin from.
      ...checkpoints.map((round) => holderOf(run, { round, use: 'checkpoints' })),
    ].filter((name) => name !== holder);
  }

  /** Rounds for which something is here, oldest first, with the one that `holder` is about to keep. */
  function keptRounds(run: string, use: BlobUse, holder: string): number[] {
    const holders = [...entries.values()].flatMap(({ runs }) => runs).concat(holder);
    const rounds = holders.map(readHolder).flatMap(({ run: each, of }) => {
      return each === run && of?.use === use ? [of.round] : [];
    });
    return [...new Set(rounds)].sort((one, other) => one - other);
  }

  const blobsOf = (run: string) => [...entries].flatMap(([id, entry]) => (isOf(run, entry) ? [id] : []));

  return {
    put: (run, bytes, given = {}) => put(run, bytes, given),
    get,
    has: (id) => entries.has(id),
    getShown: async (id) => (entries.get(idOf(id))?.isShown === true ? get(id) : null),
    async show(id) {
      const entry = entries.get(id);
      if (entry !== undefined && !entry.isShown) await save(id, { ...entry, isShown: true });
    },
    async share(run, idOrName) {
      const id = idOf(idOrName);
      const entry = entries.get(id);
      if (entry === undefined) return false;
      if (!entry.runs.includes(run)) await save(id, { ...entry, runs: [...entry.runs, run] });
      return true;
    },
    drop: (run, id) => letGo(id, (holder) => holder === run),
    async forget(run, use, before) {
      const isOver = (holder: string) => {
        const { run: of, of: round } = readHolder(holder);
        return of === run && round?.use === use && round.round < before;
      };
      for (const id of blobsOf(run)) await letGo(id, isOver);
    },
    blobsOf,
    sizeBytes,
    async end(run) {
      if (ended.some((over) => over.run === run)) return;
      const place = (ended.at(-1)?.place ?? 0) + 1;
      ended.push({ place, run });
      await records.set(ENDED + endedKey(place, run), Uint8Array.of(1));
    },
  };
}

/** Bytes of all entries and of each run, counted as they come and go: a run may hold many thousands of blobs. */
function createTally() {
  const runs = new Map<string, number>();
  let all = 0;
  const count = ({ runs: holders }: Entry, bytes: number): void => {
    all += bytes;
    for (const run of new Set(holders.map(runOf))) {
      const sum = (runs.get(run) ?? 0) + bytes;
      if (sum === 0) runs.delete(run);
      else runs.set(run, sum);
    }
  };
  return {
    add: (entry: Entry) => count(entry, entry.sizeBytes),
    subtract(entry: Entry | undefined): void {
      if (entry !== undefined) count(entry, -entry.sizeBytes);
    },
    of: (run: string | undefined) => (run === undefined ? all : (runs.get(run) ?? 0)),
  };
}

const runOf = (holder: string): string => readHolder(holder).run;

/** Whether a run, or a round of it, needs a blob. */
const isOf = (run: string, { runs }: Entry): boolean => runs.some((holder) => runOf(holder) === run);

function readEntry(record: Uint8Array): Entry {
  return JSON.parse(bytesToUtf8(record)) as Entry;
}

const endedKey = (place: number, run: string) => `${String(place).padStart(12, '0')}/${run}`;

function parseEnded(key: string): { readonly place: number; readonly run: string } {
  return { place: Number(key.slice(0, 12)), run: key.slice(13) };
}

function full(run: string, sizeBytes: number, limitBytes: number): NodeError {
  return new NodeError(
    { code: 'LIBRARY_FULL', run, sizeBytes, limitBytes },
    `There is no room for ${sizeBytes} more bytes of run ${run}: ${limitBytes} are allowed. Raise the limit, or leave a run.`,
  );
}
