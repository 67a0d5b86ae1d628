import { forecastMemory, type MemoryForecast } from '../compute/engine/memory.ts';
import type { BatchShape, ModelConfig } from '../compute/model/model-config.ts';
import { buildModelGraph } from '../compute/model/model-graph.ts';

/**
 * What training a model at a batch shape takes, in bytes, before anything is started.
 *
 * @throws TrainingError `MODEL_MALFORMED`
 */
export function forecastTraining(model: ModelConfig, batch: BatchShape): MemoryForecast {
  const { graph, inputs, trained } = buildModelGraph({ model, ...batch, purpose: 'gradients' });
  return forecastMemory({ nodes: graph.model().nodes, inputs, trained, provider: 'cpu' });
}
