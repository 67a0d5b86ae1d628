import type { ModelShape } from '@cairn/protocol';
import { NORM_EPSILON, ROPE_BASE } from '../compute/model/model-config.ts';
import { END_OF_TEXT } from '../recipe/read-data.ts';
import { CHAT_TEMPLATE } from '../tokenizer/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/** `config.json` of Hugging Face `transformers`. */
export function writeConfig(model: ModelShape, { endOfText }: Tokenizer): string {
  const tokens = { bos_token_id: endOfText, eos_token_id: endOfText };
  if (model.architecture === 'gpt2')
    return toJson({
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      n_embd: model.width,
      n_inner: model.hidden,
      n_layer: model.layers,
      n_head: model.heads,
      n_positions: model.context,
      vocab_size: model.vocab,
      layer_norm_epsilon: NORM_EPSILON,
      activation_function: 'gelu_new',
      tie_word_embeddings: model.tied,
      torch_dtype: 'float32',
      ...tokens,
    });
  return toJson({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: model.width,
    intermediate_size: model.hidden,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.kvHeads,
    head_dim: model.width / model.heads,
    max_position_embeddings: model.context,
    vocab_size: model.vocab,
    rms_norm_eps: NORM_EPSILON,
    rope_theta: ROPE_BASE,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: model.tied,
    torch_dtype: 'float32',
    ...tokens,
  });
}

/** `tokenizer_config.json` of Hugging Face `transformers`. */
export function writeTokenizerConfig(model: ModelShape, prompt: 'plain' | 'chat'): string {
  return toJson({
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: false,
    add_prefix_space: false,
    bos_token: END_OF_TEXT,
    eos_token: END_OF_TEXT,
    pad_token: END_OF_TEXT,
    model_max_length: model.context,
    clean_up_tokenization_spaces: false,
    ...(prompt === 'chat' ? { chat_template: CHAT_TEMPLATE } : {}),
  });
}
