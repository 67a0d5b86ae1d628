import { bytes32, struct, u32, type ValueOf } from '@cairn/core';

/** Sent by the owner or a maintainer. */
export const postCheckpointShape = struct('PostCheckpoint', {
  run: bytes32,
  /** Round whose outcome has the weights. */
  round: u32,
  root: bytes32,
  manifest: bytes32,
  gguf: bytes32,
});
export type PostCheckpoint = ValueOf<typeof postCheckpointShape>;

/** Sent by a maintainer that checked the files. */
export const signCheckpointShape = struct('SignCheckpoint', {
  run: bytes32,
  round: u32,
  /** What is signed, so that nobody signs another. */
  manifest: bytes32,
  gguf: bytes32,
});
export type SignCheckpoint = ValueOf<typeof signCheckpointShape>;
