/** The parts of training that need Node: native engines, worker threads, files. */
export { createNativeEngine, freeMemory, type NativeEngineOptions } from './compute/engine/native.ts';
