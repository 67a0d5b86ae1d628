/** The parts of training that need Node: native engines, worker threads, files. */
export { createExactEngineThread, type ExactEngineThread } from './compute/engine/exact-engine-thread.ts';
export { loadExactParts } from './compute/engine/exact-node.ts';
export { createNativeEngine, freeMemory, type NativeEngineOptions } from './compute/engine/native.ts';
export { forbidTelemetry } from './compute/engine/telemetry.ts';
export {
  createTorchEngine,
  TORCH_STEP_PROGRAM,
  type TorchEngine,
  type TorchEngineOptions,
} from './compute/torch/torch-engine.ts';
export { readSource } from './data/read-source.ts';
export {
  type TrainAdapterOptions,
  type TrainAdapterParts,
  type TrainedAdapter,
  trainAdapter,
} from './local/train-adapter.ts';
export {
  createHashingThread,
  type HashingThread,
  type HashingThreadOptions,
} from './round/hashing-thread.ts';
