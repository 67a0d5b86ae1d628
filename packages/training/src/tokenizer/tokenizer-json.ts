import { MAX_TOKENS } from './merge-word.ts';
import { DIGIT_PATTERN, WORD_PATTERN } from './split-words.ts';
import { createTokenizer, malformedTokenizer, type Tokenizer, type TokenizerModel } from './tokenizer.ts';

/** Longest `tokenizer.json` that is read, in UTF-16 units. */
const MAX_FILE_LENGTH = 1 << 26;

const isolate = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});
const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };

/**
 * The file in the form of Hugging Face `tokenizers`, which `@huggingface/transformers` and others load. The same
 * tokenizer always gives the same text, so its SHA-256 names it.
 */
export function writeTokenizerJson({ tokens, merges, special, splitDigits }: TokenizerModel): string {
  const marks = new Set(special.values());
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...special].map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [...(splitDigits ? [isolate(DIGIT_PATTERN)] : []), isolate(WORD_PATTERN), BYTE_LEVEL],
    },
    post_processor: null,
    decoder: { ...BYTE_LEVEL, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(
        tokens.map((token, id) => [token, id] as const).filter(([, id]) => !marks.has(id)),
      ),
      merges,
    },
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

type Json = Readonly<Record<string, unknown>>;

const asObject = (value: unknown, what: string): Json => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw malformedTokenizer(`${what} is no object`);
};

/**
 * Reads a `tokenizer.json` of byte-level pairs that cuts words as GPT-2 does, with or without single digits: those
 * written here, and those of others that mean the same.
 *
 * @throws TrainingError `TOKENIZER_MALFORMED`
 */
export function parseTokenizerJson(text: string): Tokenizer {
  if (text.length > MAX_FILE_LENGTH) throw malformedTokenizer('its file is larger than 64 MiB');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw malformedTokenizer(`it is not JSON: ${(cause as SyntaxError).message.slice(0, 100)}`);
  }
  const json = asObject(parsed, 'the whole');
  const model = asObject(json.model, 'its model');
  if (model.type !== 'BPE') throw malformedTokenizer('its model is no BPE');
  if (json.normalizer != null) throw malformedTokenizer('it changes texts before it reads them');
  for (const name of ['unk_token', 'dropout', 'continuing_subword_prefix', 'end_of_word_suffix'])
    if (model[name] != null && model[name] !== '') throw malformedTokenizer(`its ${name} is not supported`);
  if (model.byte_fallback === true || model.ignore_merges === true)
    throw malformedTokenizer('it uses byte_fallback or ignore_merges, which are not supported');
  const special = readMarks(json.added_tokens);
  const tokens = readTokens(asObject(model.vocab, 'its vocabulary'), special);
  const splitDigits = readSplit(json.pre_tokenizer);
  return createTokenizer({ tokens, merges: readMerges(model.merges), special, splitDigits });
}

function readMarks(value: unknown): Map<string, number> {
  if (!Array.isArray(value) || value.length > 4096)
    throw malformedTokenizer('its added tokens are no short list');
  return new Map(
    value.map((entry) => {
      const { content, id } = asObject(entry, 'an added token');
      if (typeof content !== 'string' || !isId(id))
        throw malformedTokenizer('an added token has no text or id');
      return [content, id] as const;
    }),
  );
}

const isId = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_TOKENS;

function readTokens(vocab: Json, special: ReadonlyMap<string, number>): string[] {
  const entries = [...Object.entries(vocab).filter(([token]) => !special.has(token)), ...special];
  const tokens: (string | undefined)[] = new Array(Math.min(entries.length, MAX_TOKENS)).fill(undefined);
  for (const [token, id] of entries) {
    if (!isId(id) || id >= tokens.length || tokens[id] !== undefined)
      throw malformedTokenizer(`its ids do not run from 0 to ${entries.length - 1}, each once`);
    tokens[id] = token;
  }
  return tokens as string[];
}

function readMerges(value: unknown): [string, string][] {
  if (!Array.isArray(value) || value.length > MAX_TOKENS) throw malformedTokenizer('its merges are no list');
  return value.map((entry, index) => {
    const pair: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
    if (Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'))
      return pair as [string, string];
    throw malformedTokenizer(`its merge ${index} is no pair`);
  });
}

/** Whether digits are cut off one by one. @throws TrainingError `TOKENIZER_MALFORMED` for any other cutting */
function readSplit(value: unknown): boolean {
  const whole = asObject(value, 'its pre-tokenizer');
  const steps = whole.type === 'Sequence' ? whole.pretokenizers : [whole];
  if (!Array.isArray(steps) || steps.length > 3) throw malformedTokenizer('its pre-tokenizer is unknown');
  const kinds = steps.map((step) => kindOfStep(asObject(step, 'its pre-tokenizer'))).join(' ');
  if (kinds === 'words bytes' || kinds === 'words-and-bytes') return false;
  if (kinds === 'digits words bytes' || kinds === 'digits words-and-bytes') return true;
  throw malformedTokenizer('its pre-tokenizer cuts words in a way that is not supported');
}

function kindOfStep(step: Json): string {
  if (step.type === 'Digits') return step.individual_digits === true ? 'digits' : 'unknown';
  if (step.type === 'ByteLevel') {
    if (step.add_prefix_space === true) return 'unknown';
    return step.use_regex === false ? 'bytes' : 'words-and-bytes';
  }
  if (step.type !== 'Split' || step.behavior !== 'Isolated' || step.invert === true) return 'unknown';
  const pattern = asObject(step.pattern, 'a pattern').Regex;
  return pattern === DIGIT_PATTERN ? 'digits' : pattern === WORD_PATTERN ? 'words' : 'unknown';
}
