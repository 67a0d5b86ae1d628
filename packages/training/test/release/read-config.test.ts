import { describe, expect, it } from 'vitest';
import { type ModelConfig, readConfig, trainCharacterTokenizer } from '../../src/index.ts';
import { writeConfig } from '../../src/release/hugging-face.ts';

const MODEL = {
  ...({ architecture: 'llama', layers: 3, width: 64, heads: 4, kvHeads: 2 } as const),
  ...{ hidden: 160, vocab: 4, context: 128, tied: true },
} satisfies ModelConfig;

describe('the config.json of a model', () => {
  it('gives back the shape it was written from', async () => {
    const text = writeConfig(MODEL, await trainCharacterTokenizer(['abc']));
    expect(readConfig(text)).toEqual({ ...MODEL, normEpsilon: 1e-5, ropeBase: 10_000 });
  });

  it('of others is filled in as transformers does', () => {
    const text = JSON.stringify({
      model_type: 'llama',
      hidden_act: 'silu',
      num_hidden_layers: 1,
      hidden_size: 8,
      num_attention_heads: 2,
      intermediate_size: 16,
      vocab_size: 10,
      max_position_embeddings: 32,
      rope_theta: 500_000,
    });
    expect(readConfig(text)).toMatchObject({ kvHeads: 2, tied: false, normEpsilon: 1e-6, ropeBase: 500_000 });
  });

  it('of newer versions names its rotary positions in one field', async () => {
    const { rope_theta: _, ...config } = JSON.parse(
      writeConfig(MODEL, await trainCharacterTokenizer(['abc'])),
    ) as Record<string, unknown>;
    const baseOf = (given: unknown) =>
      readConfig(JSON.stringify({ ...config, rope_parameters: given })).ropeBase;
    expect(baseOf({ rope_theta: 500_000, rope_type: 'default' })).toBe(500_000);
    expect(baseOf(null)).toBe(10_000);
  });

  it.each([
    ['another architecture', { model_type: 'mamba' }, 'not of a llama'],
    ['stretched positions', { rope_scaling: { type: 'yarn' } }, 'rope_scaling'],
    [
      'stretched positions of newer versions',
      { rope_parameters: { rope_type: 'llama3' } },
      'rope_parameters',
    ],
    ['positions in a part of a head', { partial_rotary_factor: 0.5 }, 'partial_rotary_factor'],
    ['more layers than any machine has', { num_hidden_layers: 1e9 }, 'num_hidden_layers'],
    ['another activation', { hidden_act: 'gelu' }, 'hidden_act'],
    ['biases', { attention_bias: true }, 'attention_bias'],
    ['heads of a size of their own', { head_dim: 128 }, 'heads of a size of their own'],
    ['no layers', { num_hidden_layers: 0 }, 'num_hidden_layers'],
    ['a fraction', { hidden_size: 64.5 }, 'hidden_size'],
    ['a norm of no size', { rms_norm_eps: 'small' }, 'rms_norm_eps'],
  ])('with %s is refused', async (_, change, reason) => {
    const config = JSON.parse(writeConfig(MODEL, await trainCharacterTokenizer(['abc'])));
    expect(() => readConfig(JSON.stringify({ ...config, ...change }))).toThrow(reason);
  });

  it('that is no JSON, no object or too long is refused', () => {
    for (const text of ['{', '[]', 'null', ' '.repeat(70_000)])
      expect(() => readConfig(text)).toThrow('config.json');
  });
});
