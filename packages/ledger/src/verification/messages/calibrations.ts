import { bytes32, struct, text, u32, type ValueOf } from '@cairn/core';

export const publishCalibrationShape = struct('PublishCalibration', {
  model: bytes32,
  /** SHA-256 of the artifact. */
  artifact: bytes32,
  /** Name and release of the engine, such as `llama.cpp v0.5.0`. */
  engine: text(64),
  /** SHA-256 of the calibration, which peers serve; zero takes it back. */
  calibration: bytes32,
  sizeBytes: u32,
});
export type PublishCalibration = ValueOf<typeof publishCalibrationShape>;
