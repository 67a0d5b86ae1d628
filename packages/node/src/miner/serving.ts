import { bytesToHex, utf8ToBytes } from '@cairn/core';
import {
  decodeClientFrame,
  decodeInferBody,
  GATHER_MS,
  type InferBody,
  type OpenFrame,
  type SealedOpenFrame,
  type Stream,
  taskPromptTokens,
} from '@cairn/protocol';
import { NO_TRACER } from '../telemetry/tracer.ts';
import { createAnswer } from './answer.ts';
import { createAskerCheck } from './check-asker.ts';
import { openVoucher } from './check-voucher.ts';
import { discountOf } from './discount.ts';
import type { MinerParts, ServedModel } from './miner-parts.ts';
import { missingCapability, roomFor } from './needs.ts';
import { errorToRefusal, Refusal, tell } from './refusal.ts';
import { type AnswerJob, streamAnswer } from './stream-answer.ts';
import { askedRequest } from './unseal.ts';

export interface ServingOptions {
  /** Tokens a trusted payer may owe. @default 64 */
  readonly trancheTokens?: number;
  /** Tokens a new payer pays ahead. @default 8 */
  readonly prepayTokens?: number;
  /** Longest wait for a frame that is due: the opening one, a voucher, the last one. @default 15_000 */
  readonly payTimeoutMs?: number;
  /** Tokens that come within so many milliseconds travel together. @default 5 */
  readonly gatherMs?: number;
}

export interface Serving {
  readonly running: number;
  serve(stream: Stream): Promise<void>;
  stop(): Promise<void>;
}

const INFER_BODY = {
  decode: decodeInferBody,
  subjectOf: ({ artifact }: InferBody) => artifact,
  isThroughHub: ({ through }: InferBody) => through === 'hub',
};

export function createServing(
  parts: MinerParts,
  models: ReadonlyMap<string, ServedModel>,
  options: ServingOptions,
): Serving {
  const limits = {
    trancheTokens: options.trancheTokens ?? 64,
    prepayTokens: options.prepayTokens ?? 8,
    payTimeoutMs: options.payTimeoutMs ?? 15_000,
    gatherMs: options.gatherMs ?? GATHER_MS,
  };
  const busy = new Map<ServedModel, number>();
  const checkAsker = createAskerCheck(parts);
  const running = new Set<Promise<void>>();
  const streams = new Set<Stream>();
  let isStopping = false;

  async function readOpen(stream: Stream): Promise<OpenFrame | SealedOpenFrame> {
    const stop = parts.timer.schedule(limits.payTimeoutMs, () => stream.abort('no request came'));
    try {
      const bytes = await stream.read();
      const frame = bytes === null ? null : decodeClientFrame(bytes);
      if (frame?.type !== 'open' && frame?.type !== 'sealed-open')
        throw new Refusal('REQUEST_MALFORMED', 'A request starts with an open frame.');
      return frame;
    } finally {
      stop();
    }
  }

  function findModel(artifact: Uint8Array): ServedModel {
    const found = models.get(bytesToHex(artifact));
    if (found === undefined) {
      throw new Refusal('MODEL_UNKNOWN', `Artifact ${bytesToHex(artifact)} is not served here.`);
    }
    return found;
  }

  function refuseUnable({ model: { capabilities } }: ServedModel, body: InferBody): void {
    if (body.params.topLogprobs > 0 && capabilities.logprobs === null) {
      throw new Refusal('CAPABILITY_MISSING', 'This engine tells no log probabilities.');
    }
    if (body.params.seed !== null && capabilities.seed === null) {
      throw new Refusal('CAPABILITY_MISSING', 'This engine takes no seed.');
    }
    const missing = missingCapability(body, capabilities);
    if (missing !== null) throw new Refusal('CAPABILITY_MISSING', `This engine does not ${missing}.`);
    if (body.prefill !== undefined && capabilities.prefill === null) {
      throw new Refusal('CAPABILITY_MISSING', 'This engine cannot go on behind given tokens.');
    }
  }

  function busyWith(inUse: number): Refusal {
    return new Refusal('BUSY', `${inUse} answers are under way; that is all this provider takes at once.`);
  }

  async function countPrompt({ model }: ServedModel, body: InferBody): Promise<number | null> {
    if (body.task !== undefined) return taskPromptTokens(body.task);
    const tokens = await model.tokenize(body.prompt, body.shape);
    if (tokens === null) return null;
    const count = tokens.length + (body.prefill?.length ?? 0);
    const { contextTokens } = model.capabilities;
    if (count >= contextTokens) {
      throw new Refusal(
        'CONTEXT_TOO_SMALL',
        `The prompt has ${count} tokens; this model's context holds ${contextTokens}, answer included.`,
      );
    }
    return count;
  }

  /** What the tokens before this part of an answer read as, so that a payer can tell if it was sold another text. */
  async function hashPrefill({ model }: ServedModel, { prefill }: InferBody): Promise<Uint8Array | null> {
    const text = prefill === undefined ? null : await model.detokenize(prefill);
    return text === null ? null : parts.crypto.sha256(utf8ToBytes(text.toWellFormed()));
  }

  function hashClass({ model: { capabilities } }: ServedModel): Uint8Array | null {
    const { exactClass } = capabilities;
    return exactClass === undefined ? null : parts.crypto.sha256(utf8ToBytes(exactClass));
  }

  /** Runs it below the payer's span. */
  async function inSpan({ body, promptTokens, answer }: AnswerJob, run: () => Promise<void>): Promise<void> {
    const span = (parts.tracer ?? NO_TRACER).start('answer', 'server', body.trace ?? null);
    try {
      await run();
    } finally {
      span.end(
        {
          'cairn.tokens': answer.tokens,
          ...(promptTokens === null ? {} : { 'cairn.prompt_tokens': promptTokens }),
          ...(answer.end === null ? {} : { 'cairn.finish': answer.end.finishReason }),
        },
        answer.end === null ? 'ENDED_EARLY' : null,
      );
    }
  }

  async function answer(way: { stream: Stream }): Promise<void> {
    const open = await readOpen(way.stream);
    const asked = askedRequest(parts, INFER_BODY, open);
    const target = findModel(asked.subject);
    const { requestHash } = asked;
    const channel = await parts.payee.channel(openVoucher(open.voucher).voucher.channel);
    await checkAsker(open, requestHash, channel);
    const inUse = busy.get(target) ?? 0;
    if (isStopping || inUse >= target.terms.maxConcurrency) throw busyWith(inUse);
    busy.set(target, inUse + 1);
    let isFree = false;
    const onGenerated = () => {
      if (!isFree) busy.set(target, (busy.get(target) ?? 1) - 1);
      isFree = true;
    };
    try {
      const { body, stream } = asked.read(channel.record.channel, way.stream);
      way.stream = stream;
      // What may wait is known only now; it leaves room for the rest.
      if (inUse >= roomFor(body, target.terms.maxConcurrency)) throw busyWith(inUse);
      refuseUnable(target, body);
      await channel.take(open.voucher, { isOpening: true });
      const promptTokens = await countPrompt(target, body);
      const prefillHash = await hashPrefill(target, body);
      const { model, tier } = target.terms;
      const price = discountOf(target.terms, body.priority);
      const engineClass = hashClass(target);
      const facts = { requestHash, body, model, tier, promptTokens, engineClass };
      const earning = channel.earn({
        price,
        model,
        artifact: body.artifact,
        promptTokens: promptTokens ?? 0,
        trancheTokens: limits.trancheTokens,
      });
      const made = createAnswer(parts.crypto, parts.clock, facts);
      const job = { body, promptTokens, prefillHash, engineClass, answer: made };
      const given = { ...parts, stream, channel, earning, target, onGenerated, limits };
      await inSpan(job, () => streamAnswer(given, job));
    } finally {
      onGenerated();
    }
  }

  async function serve(stream: Stream): Promise<void> {
    const way = { stream };
    try {
      await answer(way);
    } catch (error) {
      const refusal = errorToRefusal(error);
      if (refusal === null) {
        parts.log.debug('a payer went away', {
          reason: error instanceof Error ? error.message : String(error),
        });
        return;
      }
      if (refusal.code === 'ENGINE_FAILED')
        parts.log.warn('an answer failed', { reason: refusal.message, cause: String(refusal.cause ?? '') });
      await tell(way.stream, refusal);
    }
  }

  return {
    get running() {
      return running.size;
    },
    async serve(stream) {
      const mine = serve(stream);
      running.add(mine);
      streams.add(stream);
      try {
        await mine;
      } finally {
        running.delete(mine);
        streams.delete(stream);
      }
    },
    async stop() {
      isStopping = true;
      for (const stream of streams) stream.abort('the provider is stopping');
      await Promise.allSettled(running);
    },
  };
}
