/** The parts of training that need Node: native engines, worker threads, files. */
export { createExactEngineThread, type ExactEngineThread } from './compute/engine/exact-engine-thread.ts';
export { loadExactParts } from './compute/engine/exact-node.ts';
export { createNativeEngine, freeMemory, type NativeEngineOptions } from './compute/engine/native.ts';
export {
  createTorchEngine,
  type TorchEngine,
  type TorchEngineOptions,
} from './compute/torch/torch-engine.ts';
export { readSource } from './data/read-source.ts';
