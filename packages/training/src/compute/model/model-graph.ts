import type { TensorShape } from '@cairn/protocol';
import { crossEntropy } from '../graph/cross-entropy.ts';
import { createGraph, type Graph } from '../graph/graph.ts';
import { linear } from '../graph/linear.ts';
import type { Value } from '../graph/onnx-model.ts';
import { add, scale } from '../graph/shape.ts';
import { type AdapterConfig, adapterNames, adapterTensors, isTarget } from './adapter.ts';
import { gpt2Logits } from './gpt2.ts';
import { llamaLogits, type ModelParts } from './llama.ts';
import { type BatchShape, checkModel, type ModelConfig } from './model-config.ts';
import { modelTensors } from './tensors.ts';

/** gradients: the loss, and its gradient for each trained tensor; loss: the loss alone; logits: no loss. */
export type GraphPurpose = 'gradients' | 'loss' | 'logits';

export interface ModelGraphOptions extends BatchShape {
  readonly model: ModelConfig;
  readonly purpose: GraphPurpose;
  /** With one, the model's tensors are frozen and the adapter's are trained. */
  readonly adapter?: AdapterConfig;
}

export interface ModelGraph {
  readonly graph: Graph;
  /** Every tensor that is an input of the graph. */
  readonly inputs: readonly TensorShape[];
  /** Those that gradients are made for. */
  readonly trained: readonly TensorShape[];
}

/** The name of the output that is the gradient of a tensor. */
export function gradientName(tensor: string): string {
  return `d.${tensor}`;
}

/**
 * The graph of a model at one batch shape. Inputs: `ids`, `targets` (int32) and `weights`, each [rows · length], and
 * the tensors by name; the logits' graph has `ids` and the tensors. Outputs: `loss` [1], `logits`
 * [rows · length, vocabulary] and the gradients, named by `gradientName`.
 *
 * @throws TrainingError MODEL_MALFORMED
 */
export function buildModelGraph(options: ModelGraphOptions): ModelGraph {
  const { model, purpose, adapter, rows, length } = options;
  checkModel(model, options);
  const base = modelTensors(model);
  const extra = adapter ? adapterTensors(model, adapter) : [];
  const inputs = [...base, ...extra];
  const trained = adapter ? extra : base;

  const graph = createGraph();
  const positions = [rows * length];
  const ids = graph.input('ids', positions, 'int32');
  const targets = purpose === 'logits' ? null : graph.input('targets', positions, 'int32');
  const weights = purpose === 'logits' ? null : graph.input('weights', positions);
  const values = new Map(inputs.map(({ name, shape }) => [name, graph.input(name, shape)]));
  const logits = logitsOf(partsOf(graph, values, adapter), model, options, ids);
  if (targets === null || weights === null) graph.output('logits', logits);
  else {
    const loss = crossEntropy(graph, logits, targets, weights);
    graph.output('loss', loss);
    if (purpose === 'gradients') {
      const of = trained.map(({ name }) => values.get(name)!);
      for (const [at, gradient] of graph.gradients(loss, of).entries())
        graph.output(gradientName(trained[at]!.name), gradient);
    }
  }
  return { graph, inputs, trained };
}

function logitsOf(parts: ModelParts, model: ModelConfig, batch: BatchShape, ids: Value): Value {
  return model.architecture === 'llama'
    ? llamaLogits(parts, model, batch, ids)
    : gpt2Logits(parts, model, batch, ids);
}

function partsOf(
  graph: Graph,
  values: ReadonlyMap<string, Value>,
  adapter: AdapterConfig | undefined,
): ModelParts {
  const tensor = (name: string): Value => values.get(name)!;
  return {
    graph,
    tensor,
    project(x, name) {
      const product = linear(graph, x, tensor(name));
      if (!adapter || !isTarget(name, adapter.targets)) return product;
      const { a, b } = adapterNames(name);
      const detour = linear(graph, linear(graph, x, tensor(a)), tensor(b));
      return add(graph, product, scale(graph, detour, adapter.alpha / adapter.rank));
    },
  };
}
