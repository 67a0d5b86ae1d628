import { CairnError, type Logger } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';
import type { WantedBlob } from '@cairn/training';
import { NodeError } from '../../errors.ts';
import type { RunPlace } from '../run/run-place.ts';

export interface ParentBlobsParts {
  readonly place: Pick<RunPlace, 'library' | 'fetch'>;
  readonly log: Logger;
}

export interface ParentBlobsOptions {
  /** In hex. */
  readonly run: string;
  readonly round: number;
  /** Who may have them, besides other libraries. */
  readonly from: readonly PeerName[];
}

/** What others made of a run that somebody goes on from, with its faults told as the parent's. */
export interface ParentBlobs {
  /** Brings blobs into the library under the name of what needs them. @throws NodeError `PARENT_OUT_OF_REACH` */
  fetch(holder: string, blobs: readonly WantedBlob[]): Promise<void>;
  /** A blob that was brought. @throws NodeError `PARENT_OUT_OF_REACH` */
  read(id: string): Promise<Uint8Array>;
  /** Reads bytes of strangers. @throws NodeError `PARENT_MALFORMED` where they are not what they should be */
  check<T>(what: string, work: () => T): T;
  malformed(reason: string, cause?: unknown): NodeError;
}

export function openParentBlobs(
  { place, log }: ParentBlobsParts,
  { run, round, from }: ParentBlobsOptions,
): ParentBlobs {
  const outOfReach = (reason: string, cause?: unknown) =>
    new NodeError(
      { code: 'PARENT_OUT_OF_REACH', run, round, reason },
      `What round ${round} of run ${run} left cannot be had from anybody now: ${reason}. Try again when its owner or its trainers are there; nothing was put on the ledger.`,
      cause === undefined ? {} : { cause },
    );
  const malformed = (reason: string, cause?: unknown) =>
    new NodeError(
      { code: 'PARENT_MALFORMED', run, round, reason },
      `Nothing can go on from round ${round} of run ${run}: ${reason}. Tell its owner, or go on from another.`,
      cause === undefined ? {} : { cause },
    );
  return {
    malformed,
    async fetch(holder, blobs) {
      try {
        await place.fetch(holder, blobs, from, log);
      } catch (error) {
        if (!(error instanceof NodeError) || error.problem.code !== 'BLOB_NOT_FETCHED') throw error;
        throw outOfReach(error.problem.reason, error);
      }
    },
    async read(id) {
      const bytes = await place.library.get(id);
      if (bytes === null) throw outOfReach('a part of it was lost meanwhile');
      return bytes;
    },
    check(what, work) {
      try {
        return work();
      } catch (error) {
        if (error instanceof CairnError) throw malformed(`${what} cannot be read`, error);
        throw error;
      }
    },
  };
}
