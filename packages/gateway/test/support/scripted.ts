import { createHash } from 'node:crypto';
import { type Offer, priceOf } from '@cairn/ledger';
import type { Receipt, SealSuite, Timer } from '@cairn/protocol';
import { type InferEvent, type InferRequest, SdkError } from '@cairn/sdk';
import { type AnswerEvent, answer } from '../../src/answer.ts';
import { createMeter, type Reservation } from '../../src/index.ts';
import { createHealthBook } from '../../src/route/health.ts';
import { createRouter, nameOf } from '../../src/route/router.ts';
import { aClock, aListing, aLogger, anOffer, aRandom, aRequest } from './parts.ts';

export interface Script {
  /** Text of each token of the whole answer; its id is its index plus 100. */
  readonly words: readonly string[];
  /** Breaks before this token of the whole answer. */
  readonly breaksAt?: number;
  /** How often. @default always */
  readonly breaks?: number;
  /** What its receipt says. @default stop */
  readonly says?: Receipt['finishReason'];
  /** Text it reads in given tokens. @default what they are */
  readonly reads?: string;
  /** Ids it tells. @default the true ones */
  readonly tells?: (id: number) => number;
  /** Awaited before each token. */
  readonly before?: (token: number) => Promise<void>;
  /** How it is sealed. @default in clear */
  readonly sealed?: SealSuite;
  /** Awaited before it is sent the question. */
  readonly beforeOpening?: Promise<void>;
  /** Reads the question and refuses it. */
  readonly isBusy?: true;
  /** Tokens without text, which travel alone. */
  readonly silent?: readonly number[];
}

const sha256 = (text: string) => Uint8Array.from(createHash('sha256').update(text).digest());

/** Providers that follow scripts, behind the gateway's own port to them. */
export function aStage(
  scripts: readonly Script[],
  { terms = {} as Partial<Offer['terms']>, timer = undefined as Timer | undefined } = {},
) {
  const clock = aClock();
  const health = createHealthBook(clock);
  const router = createRouter({ random: aRandom(), health });
  const meter = createMeter(clock);
  const offers = scripts.map((_, index) => anOffer(index + 1, terms));
  const asked: InferRequest[] = [];
  /** Who was sent the question. */
  const opened: string[] = [];
  const cancelled: string[] = [];
  const broken = new Map<Script, number>();

  async function* infer(request: InferRequest): AsyncGenerator<InferEvent, void> {
    asked.push(request);
    const { offer, body } = request;
    const script = scripts[offers.indexOf(offer)]!;
    const { words, breaksAt, silent = [] } = script;
    const start = body.prefill?.length ?? 0;
    const read = script.reads ?? words.slice(0, start).join('');
    let sent = 0;
    const settle = (finishReason: Receipt['finishReason']) => {
      const receipt = {
        finishReason,
        promptTokens: 10 + start,
        cachedTokens: 0,
        completionTokens: sent,
        price: priceOf(offer.terms.price, 10 + start, 0, sent),
      } as Receipt;
      const signed = { receipt, authorization: {} } as never;
      request.onSettled?.({ receipt: signed, receiptId: `${offer.terms.peer}/${asked.length}` });
      return { type: 'end', receipt: signed, receiptId: `${offer.terms.peer}/${asked.length}` } as const;
    };
    let isDone = false;
    const how = script.sealed === undefined ? {} : { sealed: script.sealed };
    await script.beforeOpening;
    request.onOpening?.(how);
    opened.push(offer.terms.peer);
    if (script.isBusy) {
      throw new SdkError(
        { code: 'PROVIDER_REFUSED', provider: nameOf(offer), refusal: 'BUSY' },
        'It is busy, as planned.',
      );
    }
    try {
      yield {
        type: 'accepted',
        promptTokens: 10 + start,
        prefillHash: body.prefill === undefined ? null : sha256(read),
        engineClass: null,
        ...how,
      };
      const until = Math.min(words.length, start + body.params.maxTokens);
      for (let token = start; token < until; token += 1) {
        await script.before?.(token);
        if (request.signal?.aborted === true) {
          isDone = true;
          yield settle('cancelled');
          return;
        }
        if (token === breaksAt && (broken.get(script) ?? 0) < (script.breaks ?? Number.POSITIVE_INFINITY)) {
          broken.set(script, (broken.get(script) ?? 0) + 1);
          isDone = true;
          throw new SdkError(
            { code: 'PROVIDER_LOST', provider: nameOf(offer), receivedTokens: sent, reason: 'as planned' },
            'It was lost, as planned.',
          );
        }
        sent += 1;
        const tokenIds = [script.tells?.(token + 100) ?? token + 100];
        const text = silent.includes(token) ? '' : words[token]!;
        const delta = { type: 'delta', text, tokens: 1, tokenIds, logprobs: null } as const;
        if (request.take?.(delta) !== true) yield delta;
      }
      isDone = true;
      yield settle(script.says ?? (until < words.length ? 'length' : 'stop'));
    } finally {
      if (!isDone) {
        cancelled.push(offer.terms.peer);
        settle('cancelled');
      }
    }
  }

  return {
    clock,
    health,
    meter,
    offers,
    asked,
    opened,
    cancelled,
    async ask(fields: object = {}, held: object = {}, reservation: Reservation = meter.reserve('me')) {
      const provider = { order: offers.map((offer) => offer.terms.peer) };
      const request = { ...aRequest({ provider, ...fields }), ...held };
      const events: AnswerEvent[] = [];
      const texts: string[] = [];
      let offered = 0;
      let error: { code: string; message: string } | null = null;
      try {
        const told = answer(
          {
            clock,
            random: aRandom(),
            log: aLogger(),
            router,
            health,
            infer,
            ...(timer === undefined ? {} : { timer }),
          },
          {
            listed: aListing(offers),
            request,
            requestId: 'req',
            signal: new AbortController().signal,
            reservation,
            idleTimeoutMs: 60_000,
            // Some tokens are told by events, as when the client's buffer is full.
            take(delta) {
              offered += 1;
              if (offered % 3 === 0) return false;
              texts.push(delta.text);
              return true;
            },
          },
        );
        for await (const event of told) {
          events.push(event);
          if (event.type === 'delta') texts.push(event.delta.text);
        }
      } catch (cause) {
        error = cause as { code: string; message: string };
      }
      const text = texts.join('');
      const end = events.find((event) => event.type === 'end') ?? null;
      return { text, end, error, peers: asked.map(({ offer }) => offer.terms.peer), reservation };
    },
  };
}
