import type { Crypto } from '@cairn/core';
import type { GenerateRequest, Prompt } from '../ports/inference-engine.ts';
import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  nullable,
  numberWithin,
  oneOf,
  type Reader,
  record,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';

/** Largest request body, in bytes. */
export const MAX_INFER_BODY_BYTES = 2 * 1024 * 1024;

/** The parameters of sampling, as receipts commit to them. */
export interface InferParams {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number | null;
  readonly stop: readonly string[];
  readonly topLogprobs: number;
}

/** What a payer asks of a miner. Travels as one byte string, so that it can be hashed and sealed whole. */
export interface InferBody {
  /** SHA-256 of the model's artifact. */
  readonly artifact: Uint8Array;
  readonly endpoint: 'chat' | 'completions';
  readonly prompt: Prompt;
  readonly params: InferParams;
  /** 16 random bytes: equal questions have different hashes, so a receipt does not give a short prompt or answer away. */
  readonly salt: Uint8Array;
}

const messageReader = record({
  role: oneOf('system', 'user', 'assistant', 'tool'),
  content: textUpTo(MAX_INFER_BODY_BYTES),
});

const promptReader: Reader<Prompt> = (value, place) => {
  const kinded = tagged({
    chat: record({ type: oneOf('chat'), messages: listUpTo(messageReader, 1024, 1) }),
    text: record({ type: oneOf('text'), text: textUpTo(MAX_INFER_BODY_BYTES) }),
    tokens: record({ type: oneOf('tokens'), tokenIds: listUpTo(wholeUpTo(0xffff_ffff), 1 << 18, 1) }),
  })(value, place);
  switch (kinded.type) {
    case 'chat':
      return { kind: 'chat', messages: kinded.messages };
    case 'text':
      return { kind: 'text', text: kinded.text };
    case 'tokens':
      return { kind: 'tokens', tokenIds: kinded.tokenIds };
  }
};

const paramsReader: Reader<InferParams> = record({
  maxTokens: wholeUpTo(0xffff_ffff, 1),
  temperature: numberWithin(0, 100),
  topP: numberWithin(0, 1),
  seed: nullable(wholeUpTo(0xffff_ffff)),
  stop: listUpTo(textUpTo(256), 16),
  topLogprobs: wholeUpTo(20),
});

const bodyReader: Reader<InferBody> = record({
  artifact: bytesUpTo(32, 32),
  endpoint: oneOf('chat', 'completions'),
  prompt: promptReader,
  params: paramsReader,
  salt: bytesUpTo(16, 16),
});

export function encodeInferBody(body: InferBody): Uint8Array {
  const { kind: type, ...prompt } = body.prompt;
  return toCbor({ ...body, prompt: { type, ...prompt } });
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeInferBody(bytes: Uint8Array): InferBody {
  return fromCbor(bytes, MAX_INFER_BODY_BYTES, bodyReader);
}

/** Hash of the parameters, as it stands on the receipt. */
export function hashInferParams(crypto: Crypto, params: InferParams): Uint8Array {
  return crypto.sha256(toCbor(params));
}

/** The request as an engine takes it, without its signal. */
export function inferBodyToRequest({ prompt, params }: InferBody): GenerateRequest {
  const { seed, ...rest } = params;
  return { prompt, ...rest, ...(seed === null ? {} : { seed }) };
}

/**
 * Most tokens this prompt can have: every token covers at least one byte, and a chat template adds a few per
 * message. A payer refuses a larger count.
 */
export function mostPromptTokens(prompt: Prompt): number {
  if (prompt.kind === 'tokens') return prompt.tokenIds.length;
  if (prompt.kind === 'text') return 3 * prompt.text.length + 16;
  return prompt.messages.reduce((sum, { content }) => sum + 3 * content.length + 32, 64);
}
