import { bytesToHex } from '@cairn/core';
import type { LoadedModel } from '@cairn/protocol';

/** Models that this node checks answers with, each from the very file that providers say they serve. */
export interface Reviewers {
  /** The model of an artifact; null: its file is not here, so nothing is said about its answers. */
  of(artifact: Uint8Array): LoadedModel | null;
}

export interface HeldModel {
  /** SHA-256 of its file. */
  readonly artifact: Uint8Array;
  readonly model: LoadedModel;
}

export function createReviewers(held: readonly HeldModel[]): Reviewers {
  const models = new Map(held.map(({ artifact, model }) => [bytesToHex(artifact), model]));
  return { of: (artifact) => models.get(bytesToHex(artifact)) ?? null };
}
