import { concatBytes, type Logger, utf8ToBytes } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';
import type { WantedBlob } from '@cairn/training';
import { BROKEN_OFF, type FetchBlobParts, fetchBlob } from '../../blobs/fetch-blob.ts';
import { NodeError } from '../../errors.ts';
import type { DonorGate } from './donor-gate.ts';
import type { Library } from './library.ts';

export interface SwarmParts extends FetchBlobParts {
  readonly library: Library;
  /** Shared by all that this peer fetches. */
  readonly gate: DonorGate;
  readonly log: Logger;
}

export interface SwarmOptions {
  readonly run: string;
  /** Who may have them. This peer itself is left out. */
  readonly donors: readonly PeerName[];
  readonly signal?: AbortSignal;
  /** Donors that are asked at a time, whatever their number. @default 3 */
  readonly most?: number;
  /** After this long with one donor, a blob is asked of another too. @default 4_000 */
  readonly slowMs?: number;
  /** Told of each blob as it arrives. */
  readonly onBlob?: (blob: {
    readonly id: string;
    readonly sizeBytes: number;
    readonly donor: PeerName;
  }) => void;
}

/** Streams of one donor that may break off: links lose some. */
const MOST_BREAKS = 3;

interface Job {
  readonly id: string;
  readonly donor: PeerName;
  readonly abort: AbortController;
}

/**
 * Brings blobs into the library from several donors at once: each donor is asked for one blob at a time, at most three
 * are asked. Who made a blob is asked first where that is known; else every peer begins with another donor, so that
 * newcomers do not all fall on the first of the list. A donor that fails or lies is not asked again, one whose streams
 * break off not after the third; one that is slow is raced.
 *
 * @throws NodeError `BLOB_NOT_FETCHED` when nobody had one of them; `LIBRARY_FULL`
 */
export async function fetchBlobs(
  parts: SwarmParts,
  wanted: readonly WantedBlob[],
  options: SwarmOptions,
): Promise<void> {
  const { library, log, transport } = parts;
  const { run, signal, most = 3, slowMs = 4_000, onBlob } = options;
  const missing = new Map<string, WantedBlob>();
  for (const blob of wanted) if (!(await library.share(run, blob.id))) missing.set(blob.id, blob);
  if (missing.size === 0) return;

  const donors = inOwnOrder(parts, options);
  const reasons = new Map<PeerName, string>();
  const broken = new Map<PeerName, number>();
  const lacking = new Map<PeerName, Set<string>>(donors.map((donor) => [donor, new Set()]));
  const jobs = new Set<Job>();
  const slow = new Set<string>();
  const done = Promise.withResolvers<void>();
  const stop = () => done.reject(signal!.reason);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();

  const canServe = (donor: PeerName, id: string) => !reasons.has(donor) && !lacking.get(donor)!.has(id);
  const askedFor = (id: string) => [...jobs].some((job) => job.id === id);

  function nextJob(): Job | null {
    const idle = donors.filter(
      (donor) => !reasons.has(donor) && ![...jobs].some((job) => job.donor === donor),
    );
    const ids = [...missing.keys()];
    for (const id of [...ids.filter((each) => !askedFor(each)), ...ids.filter((each) => slow.has(each))]) {
      const { holder } = missing.get(id)!;
      const able = idle.filter((each) => canServe(each, id));
      const donor = able.find((each) => each === holder) ?? able[0];
      if (donor !== undefined) return { id, donor, abort: new AbortController() };
    }
    return null;
  }

  function assign(): void {
    while (jobs.size < most) {
      const job = nextJob();
      if (job === null) break;
      slow.delete(job.id);
      jobs.add(job);
      void work(job).finally(() => {
        jobs.delete(job);
        assign();
      });
    }
    if (missing.size === 0) done.resolve();
    else if (jobs.size === 0) done.reject(nobodyHas([...missing.keys()][0]!, donors, reasons));
  }

  async function work({ id, donor, abort }: Job): Promise<void> {
    const leave = await parts.gate.enter(donor);
    const wanted = missing.get(id);
    if (wanted === undefined || abort.signal.aborted) {
      leave();
      return;
    }
    const { maxBytes, isIt } = wanted;
    const cancelSlow = parts.timer.schedule(slowMs, () => {
      if (!missing.has(id)) return;
      slow.add(id);
      assign();
    });
    try {
      const limits = {
        signal: abort.signal,
        ...(maxBytes === undefined ? {} : { maxBytes }),
        ...(isIt === undefined ? {} : { isIt }),
      };
      const bytes = await fetchBlob(parts, donor, id, limits);
      if (bytes === null) lacking.get(donor)!.add(id);
      else if (missing.has(id)) {
        await library.put(run, bytes, isIt === undefined ? {} : { name: id });
        missing.delete(id);
        for (const job of jobs) if (job.id === id) job.abort.abort();
        onBlob?.({ id, sizeBytes: bytes.length, donor });
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof NodeError) || error.code !== 'BLOB_NOT_FETCHED') {
        done.reject(error);
        return;
      }
      const { reason } = error.problem as { readonly reason: string };
      const count = (broken.get(donor) ?? 0) + 1;
      broken.set(donor, count);
      if (reason === BROKEN_OFF && count < MOST_BREAKS) return;
      reasons.set(donor, reason);
      log.debug('a donor is not asked again', { donor, reason: reasons.get(donor)! });
    } finally {
      cancelSlow();
      leave();
    }
  }

  log.debug('blobs are fetched', { count: missing.size, donors: donors.length, peer: transport.peer });
  assign();
  try {
    await done.promise;
  } finally {
    signal?.removeEventListener('abort', stop);
    // Nothing new begins: without donors there is no next job.
    donors.length = 0;
    for (const { abort } of jobs) abort.abort();
  }
}

/** Every peer has its own order of the donors, which is another for each run. */
function inOwnOrder(
  { crypto, transport }: SwarmParts,
  { donors, run }: Pick<SwarmOptions, 'donors' | 'run'>,
): PeerName[] {
  const others = [...new Set(donors)].filter((donor) => donor !== transport.peer).sort();
  if (others.length === 0) return [];
  const hash = crypto.sha256(concatBytes(utf8ToBytes(transport.peer), utf8ToBytes(run)));
  const first = new DataView(hash.buffer, hash.byteOffset).getUint32(0) % others.length;
  return [...others.slice(first), ...others.slice(0, first)];
}

function nobodyHas(
  id: string,
  donors: readonly PeerName[],
  reasons: ReadonlyMap<PeerName, string>,
): NodeError {
  const told = donors.map((donor) => `${donor}: ${reasons.get(donor) ?? 'it does not have it'}`).slice(0, 8);
  const reason = told.length === 0 ? 'there is nobody to ask' : told.join('; ');
  return new NodeError(
    { code: 'BLOB_NOT_FETCHED', id, peer: donors.join(', '), reason },
    `Blob ${id} was not had from anybody: ${reason}. It is tried again when others are there.`,
  );
}
