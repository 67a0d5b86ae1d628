/**
 * Pre-training models together: rounds, updates, scores, checkpoints and the formats they are kept in. This door opens
 * in Node and in browsers; what needs Node (native engines, files) is behind `@cairn/training/node`.
 */
export { type AccumulationOptions, accumulateGradients } from './compute/engine/accumulate.ts';
export {
  createExactEngine,
  type ExactEngineOptions,
  type ExactEngineParts,
  exactEngineClass,
} from './compute/engine/exact.ts';
export type { MemoryForecast } from './compute/engine/memory.ts';
export {
  createOrtEngine,
  type OrtEngine,
  type OrtEngineOptions,
  type OrtEngineParts,
} from './compute/engine/ort-engine.ts';
export type { OrtModule } from './compute/engine/ort-module.ts';
export { type AdapterConfig, adapterNames, adapterTensors } from './compute/model/adapter.ts';
export type { BatchShape, ModelConfig } from './compute/model/model-config.ts';
export { buildModelGraph, type GraphPurpose, type ModelGraphOptions } from './compute/model/model-graph.ts';
export { countParameters, modelTensors } from './compute/model/tensors.ts';
export { TrainingError, type TrainingProblem } from './errors.ts';
export { type Adamw, type AdamwOptions, createAdamw, OPTIMISER_VERSION } from './optimise/adamw.ts';
export {
  portableCosine,
  portableExp,
  portableLog,
  portablePower,
  portableSine,
} from './optimise/portable-math.ts';
export { learningRateAt, type ScheduleOptions } from './optimise/schedule.ts';
