import { malformedWeights } from './pages.ts';

const LLAMA: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

const GPT2: Readonly<Record<string, string>> = {
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};

const WHOLE: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
};

/** What llama.cpp calls a tensor that Hugging Face calls `name`. @throws TrainingError `WEIGHTS_MALFORMED` */
export function ggufNameOf(name: string): string {
  const [, module = '', kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  const layer = /^(model\.layers|transformer\.h)\.(\d+)\.(.+)$/.exec(module);
  const known =
    layer === null ? WHOLE[module] : (layer[1] === 'model.layers' ? LLAMA : GPT2)[layer[3] as string];
  if (known === undefined) throw malformedWeights(`llama.cpp has no name for ${name}`);
  return layer === null ? `${known}.${kind}` : `blk.${layer[2]}.${known}.${kind}`;
}
