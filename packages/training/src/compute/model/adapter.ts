import type { TensorShape } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import type { ModelConfig } from './model-config.ts';
import { modelTensors } from './tensors.ts';

/** A low-rank adapter (LoRA): each target's product gains `alpha / rank · x Aᵀ Bᵀ`, and only A and B are trained. */
export interface AdapterConfig {
  readonly rank: number;
  readonly alpha: number;
  /** Last parts of the projections' names, such as `q_proj`. */
  readonly targets: readonly string[];
}

const PROJECTIONS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** The projection's name without `.weight`, as PEFT names A and B after it. */
export function adapterNames(projection: string): { a: string; b: string } {
  const base = `base_model.model.${projection.replace(/\.weight$/, '')}`;
  return { a: `${base}.lora_A.weight`, b: `${base}.lora_B.weight` };
}

/**
 * The tensors of an adapter, in the names and layout of PEFT: A is [rank, in], B is [out, rank].
 *
 * @throws TrainingError MODEL_MALFORMED for another architecture than llama, an unknown target or a bad rank
 */
export function adapterTensors(model: ModelConfig, { rank, targets }: AdapterConfig): TensorShape[] {
  if (model.architecture !== 'llama') malformed('architecture', 'adapters are for llama-style models');
  if (!Number.isSafeInteger(rank) || rank < 1) malformed('rank', `${rank} is not a whole number above 0`);
  if (targets.length === 0) malformed('targets', 'an adapter needs at least one');
  for (const target of targets) {
    if (!PROJECTIONS.includes(target)) malformed('targets', `${target} is none of ${PROJECTIONS.join(', ')}`);
  }
  return modelTensors(model).flatMap(({ name, shape }) => {
    if (!isTarget(name, targets)) return [];
    const { a, b } = adapterNames(name);
    return [
      { name: a, shape: [rank, shape[1]!] },
      { name: b, shape: [shape[0]!, rank] },
    ];
  });
}

export function isTarget(name: string, targets: readonly string[]): boolean {
  return targets.some((target) => name.endsWith(`.${target}.weight`));
}

function malformed(field: string, reason: string): never {
  throw new TrainingError({ code: 'MODEL_MALFORMED', field, reason }, `Adapter: ${field}: ${reason}.`);
}
