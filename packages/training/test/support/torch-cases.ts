import type { AdapterConfig, ModelConfig } from '@cairn/training';
import { TINY_GPT2, TINY_LLAMA } from './models.ts';

/** One thing that PyTorch computed: rebuilt from its seeds, compared tensor by tensor. */
export interface TorchCase {
  readonly name: string;
  readonly model: ModelConfig;
  readonly rows: number;
  readonly length: number;
  readonly adapter?: AdapterConfig;
}

export interface TorchVector extends TorchCase {
  readonly torch: string;
  readonly loss: number;
  /** Little-endian floats in base64, by name. */
  readonly gradients: Readonly<Record<string, string>>;
}

export const PARAMETER_SEED = 41;
export const BATCH_SEED = 43;

const SHAPE = { rows: 2, length: 7 };

export const TORCH_CASES: readonly TorchCase[] = [
  { name: 'llama, shared keys, tied', model: TINY_LLAMA, ...SHAPE },
  { name: 'llama, untied', model: { ...TINY_LLAMA, kvHeads: 4, tied: false, ropeBase: 500 }, ...SHAPE },
  { name: 'gpt2, tied', model: TINY_GPT2, ...SHAPE },
  { name: 'gpt2, untied', model: { ...TINY_GPT2, tied: false, normEpsilon: 1e-3 }, ...SHAPE },
  {
    ...{ name: 'llama, an adapter', model: TINY_LLAMA, ...SHAPE },
    adapter: { rank: 3, alpha: 4, targets: ['q_proj', 'v_proj', 'gate_proj', 'down_proj'] },
  },
];
