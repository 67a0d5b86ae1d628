import type { ReleaseFacts, ReleaseType } from '@cairn/training';
import type { EngineChoice } from './engine-choice.ts';

/** What the thread of a run takes and gives beside the computations of a round. */

export interface OpenRun {
  /** Folder of the library's blobs, each checked against its hash when it is read. */
  readonly folder: string;
  /** SHA-256 of the manifest, in hex. */
  readonly manifest: string;
  /** Weights of so many roots are kept in memory. */
  readonly states: number;
  readonly choice?: EngineChoice;
}

export interface ReleaseCheckpoint {
  readonly root: string;
  /** Where its files are written. */
  readonly folder: string;
  readonly facts: ReleaseFacts;
  readonly types: readonly ReleaseType[];
}

export interface ReleasedCheckpoint {
  /** JSON of the registry, without the owner. */
  readonly card: unknown;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
  /** The file that is served: the first of the types. SHA-256 in hex. */
  readonly gguf: { readonly path: string; readonly sha256: string };
}
