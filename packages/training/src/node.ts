/** The parts of training that need Node: native engines, worker threads, files. */
export { type ExactEngineThread, createExactEngineThread } from './compute/engine/exact-engine-thread.ts';
export { loadExactParts } from './compute/engine/exact-node.ts';
export { type NativeEngineOptions, createNativeEngine, freeMemory } from './compute/engine/native.ts';
export { type TorchEngine, type TorchEngineOptions, createTorchEngine } from './compute/torch/torch-engine.ts';
export { readSource } from './data/read-source.ts';
