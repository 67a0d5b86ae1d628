import {
  account,
  bytes32,
  bytesToHex,
  type Crypto,
  concatBytes,
  struct,
  text,
  u16,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';

/** How many of so many trials of a task an artifact got right, as the sending validator measured. */
export const measurementShape = struct('Measurement', {
  /** Subnet on which the sender has a validator permit. */
  netuid: u16,
  model: bytes32,
  /** SHA-256 of the artifact that answered. */
  artifact: bytes32,
  task: text(48),
  right: u32,
  trials: u32,
  /** What it can be checked with: the root of the evidence, or the hash of the set of questions. */
  evidence: bytes32,
});
export type Measurement = ValueOf<typeof measurementShape>;

export const evaluationShape = struct('Evaluation', {
  validator: account,
  measurement: measurementShape,
  /** Slot in which it was said. */
  slot: u64,
  recordDeposit: u64,
});
export type Evaluation = ValueOf<typeof evaluationShape>;

export const evaluationKeyShape = struct('EvaluationKey', {
  model: bytes32,
  artifact: bytes32,
  task: text(48),
  validator: account,
});
export type EvaluationKey = ValueOf<typeof evaluationKeyShape>;

/** Key of the record, below its model: each validator has one word about each artifact and task. */
export function evaluationId(crypto: Crypto, { model, artifact, task, validator }: EvaluationKey): string {
  const rest = crypto.sha256(
    concatBytes(utf8ToBytes('cairn/evaluation/v1'), artifact, validator, utf8ToBytes(task)),
  );
  return `${bytesToHex(model)}/${bytesToHex(rest)}`;
}
