import type { ModelShape } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';

/**
 * What decides a transformer's tensors and its function. llama: RMSNorm, rotary positions, SwiGLU; gpt2: LayerNorm,
 * learned positions, GELU, and as many key and value heads as heads.
 */
export interface ModelConfig extends ModelShape {
  /** @default 1e-5 */
  readonly normEpsilon?: number;
  /** llama only. @default 10_000 */
  readonly ropeBase?: number;
}

export const NORM_EPSILON = 1e-5;
export const ROPE_BASE = 10_000;

const COUNTS = ['layers', 'width', 'heads', 'kvHeads', 'hidden', 'vocab', 'context'] as const;

/** Rows and positions of a batch. */
export interface BatchShape {
  readonly rows: number;
  readonly length: number;
}

/** @throws TrainingError MODEL_MALFORMED when no such model can be built or run at this shape */
export function checkModel(model: ModelConfig, { rows, length }: BatchShape): void {
  for (const field of COUNTS) checkCount(field, model[field]);
  checkCount('rows', rows);
  checkCount('length', length);
  const { architecture, width, heads, kvHeads, context } = model;
  if (width % heads !== 0) malformed('heads', `${width} channels do not divide by ${heads}`);
  if (heads % kvHeads !== 0) malformed('kvHeads', `${heads} heads do not divide by ${kvHeads}`);
  if (length > context) malformed('length', `rows of ${length} tokens exceed the context of ${context}`);
  if (architecture === 'llama' && (width / heads) % 2 !== 0)
    malformed('heads', `rotary positions need heads of an even size, not ${width / heads}`);
  if (architecture === 'gpt2' && kvHeads !== heads)
    malformed('kvHeads', 'gpt2 has keys and values of its own for each head');
}

function checkCount(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) malformed(field, `${value} is not a whole number above 0`);
}

function malformed(field: string, reason: string): never {
  throw new TrainingError({ code: 'MODEL_MALFORMED', field, reason }, `Model: ${field}: ${reason}.`);
}
