import { CairnError, hexToBytes, type Logger } from '@cairn/core';
import type { PeerName, RecordStore, RunReader, RunView, Transport } from '@cairn/protocol';
import {
  type RunDesk as AnyRunDesk,
  checkTrainerMemory,
  openRunDesk,
  type WantedBlob,
} from '@cairn/training';
import { freeMemory } from '@cairn/training/node';
import { serveBlobs } from '../../blobs/serve-blobs.ts';
import { createFileBlobStore } from '../../data/blob-store.ts';
import { NodeError } from '../../errors.ts';
import type { NodeParts } from '../../roles/parts.ts';
import { createDonorGate } from '../library/donor-gate.ts';
import { type Library, type LibraryOptions, openLibrary } from '../library/library.ts';
import { fetchBlobs } from '../library/swarm.ts';
import { type EngineChoice, isOnDevice } from './engine-choice.ts';
import { type RunThread, startRunThread } from './run-thread-calls.ts';

/** A run at a node: its computations are on a thread. */
export type RunDesk = AnyRunDesk<RunThread>;

export interface RunPlaceOptions extends LibraryOptions {
  /** Folder of the blobs. */
  readonly folder: string;
  readonly records: RecordStore;
  /** The seat of the library among peers, under which it is asked for blobs. */
  readonly transport: Transport;
  /** Libraries that are asked besides those of a run's trainers. */
  readonly donors: () => readonly PeerName[];
  /** What runs are computed with. */
  readonly choice?: EngineChoice;
  /** Memory that may be used, in bytes. @default what this machine has free */
  readonly freeBytes?: () => number;
}

/** What a node has for training runs, shared by all its roles: one library, and one thread for each run. */
export interface RunPlace extends AsyncDisposable {
  readonly library: Library;
  readonly records: RecordStore;
  /** What others call the library. */
  readonly peer: PeerName;
  /**
   * The desk of a run; the same for everybody who asks.
   *
   * @throws NodeError `RUN_UNKNOWN`, `BLOB_NOT_FETCHED`; TrainingError `RUN_MALFORMED`, `MEMORY_TOO_LOW` before anything
   * but the manifest is fetched
   */
  desk(ledger: RunReader, run: string, log: Logger): Promise<RunDesk>;
  /**
   * Brings blobs into the library under the name of what needs them, from these peers or other libraries.
   *
   * @throws NodeError `BLOB_NOT_FETCHED` when nobody had one of them; `LIBRARY_FULL`
   */
  fetch(name: string, blobs: readonly WantedBlob[], from: readonly PeerName[], log: Logger): Promise<void>;
}

export function openRunPlace(parts: NodeParts, options: RunPlaceOptions): RunPlace {
  const { folder, records, transport, donors, choice = {}, freeBytes = freeMemory } = options;
  const log = parts.log.child('library');
  const library = openLibrary({ blobs: createFileBlobStore(folder), records, log }, options);
  const served = serveBlobs({ ...parts, log, transport, find: (id) => library.getShown(id) });
  const gate = createDonorGate();
  const desks = new Map<string, Promise<RunDesk>>();
  const over = new AbortController();

  const fetch: RunPlace['fetch'] = (run, blobs, from, ownLog) =>
    fetchBlobs({ ...parts, log: ownLog, library, transport, gate }, blobs, {
      ...{ run, signal: over.signal },
      donors: [...new Set([...from, ...donors()])],
    });

  async function open(ledger: RunReader, run: string, ownLog: Logger): Promise<RunDesk> {
    const found: RunView | null = await ledger.run(hexToBytes(run));
    if (found === null)
      throw new NodeError(
        { code: 'RUN_UNKNOWN', run },
        `There is no training run ${run}. See ./cairn train list.`,
      );
    /** Manifest and data are with those who train, whether or not the owner's node is there. */
    const trainersNow = async () => (await ledger.round(found.id))?.roster.map(({ peer }) => peer) ?? [];
    /** Who was asked last: what is damaged is asked of them. */
    let donorsThen: readonly PeerName[] = [];
    /** What only the thread reads is seen to be damaged there, and may be fetched by nobody else again. */
    async function replace(id: string): Promise<void> {
      if ((await library.get(id)) !== null) return;
      try {
        await fetch(run, [{ id }], donorsThen, ownLog);
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        ownLog.debug('a damaged blob was not had again', { id, code: error.code });
      }
    }

    return openRunDesk(
      {
        ...{ crypto: parts.crypto, ledger, library, log: ownLog },
        async fetch(name, blobs, from) {
          const peers = from.length > 0 ? from : await trainersNow();
          if (peers.length > 0) donorsThen = peers;
          return fetch(name, blobs, peers, ownLog);
        },
        accept(manifest) {
          if (choice.isMemoryIgnored !== true)
            checkTrainerMemory(manifest, {
              freeBytes: freeBytes(),
              isOnDevice: isOnDevice(choice, manifest.engine === 'exact'),
            });
        },
        async openCompute({ manifest, states }) {
          const thread = startRunThread({ onDamaged: replace });
          try {
            await thread.open({ folder, manifest, states, choice });
            return thread;
          } catch (error) {
            await thread[Symbol.asyncDispose]();
            throw error;
          }
        },
      },
      found,
    );
  }

  return {
    library,
    records,
    peer: transport.peer,
    fetch,
    desk(ledger, run, ownLog) {
      const known = desks.get(run);
      if (known !== undefined) return known;
      const opening = open(ledger, run, ownLog);
      desks.set(run, opening);
      // Tried again by who asks next.
      opening.catch(() => desks.delete(run));
      return opening;
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the node is stopping'));
      for (const desk of await Promise.allSettled(desks.values()))
        if (desk.status === 'fulfilled') await desk.value[Symbol.asyncDispose]();
      served[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}
