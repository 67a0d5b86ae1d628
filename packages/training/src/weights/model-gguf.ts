import type { ModelShape, TensorTable } from '@cairn/protocol';
import { NORM_EPSILON, ROPE_BASE } from '../compute/model/model-config.ts';
import { modelTensors, sizeOf } from '../compute/model/tensors.ts';
import { CHAT_TEMPLATE } from '../tokenizer/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { ggufNameOf } from './gguf-names.ts';
import type { GgufType } from './gguf-quantise.ts';
import { type GgufEntry, type GgufTensor, typeFor, writeGguf } from './gguf-writer.ts';
import { interleaveHeads, transposeMatrix } from './layout.ts';
import { malformedWeights } from './pages.ts';

/** What a file says of itself. */
export interface GgufDescription {
  readonly name: string;
  readonly description: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Whether the file carries the template of conversations. */
  readonly isChat: boolean;
}

const FILE_TYPES = { f32: 0, f16: 1, q8_0: 7 } as const;
const NORMAL_TOKEN = 1;
const CONTROL_TOKEN = 3;

/**
 * A model as one GGUF file that llama.cpp runs, with its tokenizer inside, in pieces. Norms, biases and positions stay
 * in single precision, as llama.cpp's own converter keeps them. Note that llama.cpp rounds activations to halves
 * wherever it multiplies with a half-precision matrix: only `f32` gives the trainer's logits to 1e-3.
 *
 * @throws TrainingError `WEIGHTS_MALFORMED` when tensors are missing or of another size.
 */
export function writeModelGguf(
  model: ModelShape,
  weights: TensorTable,
  tokenizer: Tokenizer,
  type: GgufType,
  description: GgufDescription,
): Generator<Uint8Array, void> {
  if (tokenizer.model.tokens.length !== model.vocab)
    throw malformedWeights(
      `the tokenizer has ${tokenizer.model.tokens.length} tokens and the model ${model.vocab}`,
    );
  const metadata: GgufEntry[] = [
    ['general.architecture', 'text', model.architecture],
    ['general.type', 'text', 'model'],
    ['general.name', 'text', description.name],
    ['general.description', 'text', description.description],
    ['general.license', 'text', description.licence],
    ['general.file_type', 'u32', FILE_TYPES[type]],
    ['general.quantization_version', 'u32', 2],
    ...modelEntries(model),
    ...tokenizerEntries(tokenizer, description.isChat),
  ];
  return writeGguf(metadata, tensorsOfFile(model, weights, type));
}

function modelEntries(model: ModelShape): GgufEntry[] {
  const { architecture, layers, width, heads, kvHeads, hidden, vocab, context } = model;
  const entries: GgufEntry[] = [
    [`${architecture}.block_count`, 'u32', layers],
    [`${architecture}.context_length`, 'u32', context],
    [`${architecture}.embedding_length`, 'u32', width],
    [`${architecture}.feed_forward_length`, 'u32', hidden],
    [`${architecture}.attention.head_count`, 'u32', heads],
    [`${architecture}.attention.head_count_kv`, 'u32', kvHeads],
    [`${architecture}.vocab_size`, 'u32', vocab],
  ];
  if (architecture === 'gpt2')
    return [...entries, ['gpt2.attention.layer_norm_epsilon', 'f32', NORM_EPSILON]];
  return [
    ...entries,
    ['llama.attention.layer_norm_rms_epsilon', 'f32', NORM_EPSILON],
    ['llama.rope.dimension_count', 'u32', width / heads],
    ['llama.rope.freq_base', 'f32', ROPE_BASE],
  ];
}

function tokenizerEntries({ model, endOfText }: Tokenizer, isChat: boolean): GgufEntry[] {
  const marks = new Set(model.special.values());
  return [
    ['tokenizer.ggml.model', 'text', 'gpt2'],
    // The names llama.cpp has for its two ways to cut words that are ours.
    ['tokenizer.ggml.pre', 'text', model.splitDigits ? 'smollm' : 'gpt-2'],
    ['tokenizer.ggml.tokens', 'texts', model.tokens],
    [
      'tokenizer.ggml.token_type',
      'i32s',
      model.tokens.map((_, id) => (marks.has(id) ? CONTROL_TOKEN : NORMAL_TOKEN)),
    ],
    ['tokenizer.ggml.merges', 'texts', model.merges.map(([left, right]) => `${left} ${right}`)],
    ['tokenizer.ggml.bos_token_id', 'u32', endOfText],
    ['tokenizer.ggml.eos_token_id', 'u32', endOfText],
    ['tokenizer.ggml.padding_token_id', 'u32', endOfText],
    ['tokenizer.ggml.add_bos_token', 'bool', false],
    ['tokenizer.ggml.add_eos_token', 'bool', false],
    ...(isChat ? ([['tokenizer.chat_template', 'text', CHAT_TEMPLATE]] as const) : []),
  ];
}

function tensorsOfFile(model: ModelShape, weights: TensorTable, type: GgufType): GgufTensor[] {
  return modelTensors(model).map(({ name, shape }) => {
    const values = weights.get(name);
    if (values?.length !== sizeOf(shape))
      throw malformedWeights(`${name} has ${values?.length ?? 0} numbers instead of ${sizeOf(shape)}`);
    const isExact = shape.length === 1 || name === 'transformer.wpe.weight';
    const tensor = { name: ggufNameOf(name), type: isExact ? 'f32' : typeFor(shape, type) } as const;
    const [rows = 1, columns = 1] = shape;
    if (/\.c_(?:attn|proj|fc)\.weight$/.test(name)) {
      const turned = [columns, rows];
      return {
        ...tensor,
        type: typeFor(turned, type),
        shape: turned,
        values: () => transposeMatrix(values, rows, columns),
      };
    }
    const heads = headsOf(model, name);
    return {
      ...tensor,
      shape,
      values: () => (heads === null ? values : interleaveHeads(values, heads, columns)),
    };
  });
}

/** Heads whose rows must be put in llama.cpp's order; null for other tensors. */
export function headsOf(model: Pick<ModelShape, 'heads' | 'kvHeads'>, name: string): number | null {
  if (name.includes('.q_proj.')) return model.heads;
  return name.includes('.k_proj.') ? model.kvHeads : null;
}
