import type { ModelConfig } from '../compute/model/model-config.ts';
import { malformedWeights } from '../weights/pages.ts';

/** Longest `config.json` that is read, in UTF-16 units. */
const MAX_CONFIG_LENGTH = 1 << 16;
/** Most of anything: tensors are listed before anybody knows what they take. Layers are far fewer. */
const MAX_COUNT = 1 << 20;
const MAX_LAYERS = 1_024;

/**
 * The shape of a llama-style model from the `config.json` of Hugging Face `transformers`: what it takes to train an
 * adapter for it. Models that compute anything else than ours do are refused.
 *
 * @throws TrainingError `WEIGHTS_MALFORMED`
 */
export function readConfig(text: string): ModelConfig {
  const whole = parse(text);
  // Since version 5 transformers writes everything about positions into one field.
  const { rope_parameters: rope } = whole;
  const json = { ...whole, ...(typeof rope === 'object' ? rope : null) } as typeof whole;
  if (json.model_type !== 'llama') throw malformedWeights('its config.json is not of a llama model');
  const expect = (name: string, ...allowed: readonly unknown[]): void => {
    if (!allowed.includes(json[name]))
      throw malformedWeights(`its config.json has a ${name} that is not supported`);
  };
  expect('hidden_act', 'silu');
  expect('rope_scaling', undefined, null);
  expect('partial_rotary_factor', undefined, null, 1);
  if (json.rope_type !== undefined && json.rope_type !== 'default')
    throw malformedWeights('its config.json has rope_parameters that are not supported');
  expect('attention_bias', undefined, false);
  expect('mlp_bias', undefined, false);
  const count = (name: string, initial?: number, most = MAX_COUNT): number => {
    const value = json[name] ?? initial;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > most)
      throw malformedWeights(`its config.json has no whole number up to ${most} as ${name}`);
    return value as number;
  };
  const decimal = (name: string, initial: number): number => {
    const value = json[name] ?? initial;
    if (typeof value !== 'number' || !(value > 0))
      throw malformedWeights(`its config.json has no number as ${name}`);
    return value;
  };
  const [width, heads] = [count('hidden_size'), count('num_attention_heads')];
  if (json.head_dim != null && json.head_dim !== width / heads)
    throw malformedWeights('its config.json has heads of a size of their own, which is not supported');
  return {
    architecture: 'llama',
    layers: count('num_hidden_layers', undefined, MAX_LAYERS),
    width,
    heads,
    kvHeads: count('num_key_value_heads', heads),
    hidden: count('intermediate_size'),
    vocab: count('vocab_size'),
    context: count('max_position_embeddings'),
    tied: json.tie_word_embeddings === true,
    normEpsilon: decimal('rms_norm_eps', 1e-6),
    ropeBase: decimal('rope_theta', 10_000),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  if (text.length > MAX_CONFIG_LENGTH) throw malformedWeights('its config.json is larger than 64 KiB');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The text is a stranger's, so it is not shown.
    throw malformedWeights('its config.json is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw malformedWeights('its config.json is no object');
  return json as Readonly<Record<string, unknown>>;
}
