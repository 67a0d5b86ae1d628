import { decode, type Logger, type Random, utf8ToBytes } from '@cairn/core';
import { encodeCaseEvidence, floatToBits } from '@cairn/mechanisms';
import { type DeltaFrame, type LedgerReader, signedReceiptShape } from '@cairn/protocol';
import type { InferEvent, InferRequest } from '@cairn/sdk';
import { engineOf } from '../models/offered-capabilities.ts';
import { fetchJudges } from './judges.ts';
import type { SendReview } from './review-desk.ts';

export interface DisclosingParts {
  readonly random: Random;
  readonly ledger: Pick<LedgerReader, 'query'>;
  readonly log: Logger;
  readonly ask: (request: InferRequest) => AsyncIterable<InferEvent>;
  readonly send: SendReview;
}

/** Share of requests that ask for log probabilities nobody wanted, in 1/256. */
const COVER = 64;
/** Largest answer that is gathered for validators, in characters. */
const MOST_CHARACTERS = 100_000;

/**
 * Asks for its caller, and makes what validators ask look like it: one request in four asks for log probabilities
 * without being told to. An answer whose payer discloses it goes to the validators with its receipt.
 */
export function createDisclosing(parts: DisclosingParts) {
  const { random, ask } = parts;

  return async function* (request: InferRequest): AsyncGenerator<InferEvent, void> {
    const { offer, body, disclose } = request;
    const isPlain = body.task === undefined && body.shape === undefined && body.prefill === undefined;
    const mayCover =
      isPlain && body.params.topLogprobs === 0 && offer.terms.capabilities.includes('logprobs');
    const isCovered = mayCover && (disclose === true || random.bytes(1)[0]! < COVER);
    const asked = isCovered
      ? { ...request, body: { ...body, params: { ...body.params, topLogprobs: 1 } } }
      : request;
    const isShown = disclose === true && isPlain;
    const told = isShown ? gather(parts, asked) : null;
    for await (const event of ask(told?.request ?? asked)) {
      if (event.type === 'delta') told?.add(event);
      if (event.type === 'end') told?.send();
      yield isCovered && event.type === 'delta' ? { ...event, logprobs: null } : event;
    }
  };
}

/** Keeps what validators need of one answer. */
function gather({ ledger, log, send }: DisclosingParts, request: InferRequest) {
  const { offer } = request;
  let body: Uint8Array | null = null;
  const texts: string[] = [];
  const tokenIds: number[] = [];
  const logprobs: number[] = [];
  let characters = 0;
  let receipt: Uint8Array | null = null;

  async function tell(): Promise<void> {
    const engine = engineOf(offer.terms);
    if (body === null || receipt === null || engine === null || characters > MOST_CHARACTERS) return;
    const disclosed = {
      ...{ body, tokenIds, text: utf8ToBytes(texts.join('')) },
      logprobs: logprobs.length === 0 ? null : logprobs.map(floatToBits),
    };
    const links = [{ signed: decode(signedReceiptShape, receipt), disclosed }];
    const evidence = encodeCaseEvidence({ engine, links });
    const answers = await Promise.all((await fetchJudges(ledger)).map((judge) => send(judge, evidence)));
    const count = (answer: string | null) => answers.filter((given) => given === answer).length;
    log.info('an answer was shown to the validators', {
      passed: count('passed'),
      failed: count('failed'),
      notJudged: count('notJudged'),
      unreached: count(null),
    });
  }

  return {
    request: {
      ...request,
      onAsked(bytes: Uint8Array) {
        body = bytes;
      },
      async onReceipt(answer: { readonly text: string; readonly receipt: Uint8Array }) {
        await request.onReceipt?.(answer);
        receipt = answer.receipt;
      },
    },
    add(delta: DeltaFrame) {
      characters += delta.text.length;
      if (characters > MOST_CHARACTERS) return;
      texts.push(delta.text);
      tokenIds.push(...(delta.tokenIds ?? []));
      logprobs.push(...(delta.logprobs ?? []).map(({ logprob }) => logprob));
    },
    /** Beside the answer: nobody waits for it. */
    send(): void {
      tell().catch((error: unknown) => {
        log.warn('an answer could not be shown to the validators', { error: String(error) });
      });
    },
  };
}
