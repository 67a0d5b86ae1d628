import { type Clock, decode, type Metrics } from '@cairn/core';
import { type LoadedModel, type RecordStore, signedReceiptShape } from '@cairn/protocol';
import { PAYEE_RECEIPTS } from '../miner/payee-record.ts';

export interface MinerWatchParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const PEBBLES_PER_CAIRN = 1e9;

/** The same model, with what it is making and how long questions wait for it. */
export function watchModel(
  { clock, metrics }: MinerWatchParts,
  miner: string,
  inner: LoadedModel,
): LoadedModel {
  let inFlight = 0;
  const underWay = (by: 1 | -1): void => {
    inFlight += by;
    metrics.gauge('cairn_miner_in_flight_answers', inFlight, { miner });
  };
  // Named one by one: the methods of a class are not its own properties.
  const { run, review, hiddenStates } = inner;
  return {
    capabilities: inner.capabilities,
    embed: (texts) => inner.embed(texts),
    logprobs: (tokenIds) => inner.logprobs(tokenIds),
    tokenize: (prompt, shape) => inner.tokenize(prompt, shape),
    detokenize: (tokenIds) => inner.detokenize(tokenIds),
    selfTest: () => inner.selfTest(),
    ...(run === undefined ? {} : { run: (task, options) => run.call(inner, task, options) }),
    ...(review === undefined ? {} : { review: (request) => review.call(inner, request) }),
    ...(hiddenStates === undefined ? {} : { hiddenStates: (tokenIds) => hiddenStates.call(inner, tokenIds) }),
    async *generate(request) {
      const startMs = clock.nowMs();
      let hasBegun = false;
      underWay(1);
      try {
        for await (const event of inner.generate(request)) {
          if (!hasBegun)
            metrics.observe('cairn_miner_queue_seconds', (clock.nowMs() - startMs) / 1_000, { miner });
          hasBegun = true;
          yield event;
        }
      } finally {
        underWay(-1);
      }
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** The same records, with the receipts among them counted. */
export function watchReceipts(metrics: Metrics, miner: string, inner: RecordStore): RecordStore {
  return {
    ...inner,
    async set(key, record) {
      await inner.set(key, record);
      if (!key.startsWith(PAYEE_RECEIPTS)) return;
      const { receipt } = decode(signedReceiptShape, record);
      metrics.count('cairn_miner_answers_total', 1, { miner });
      metrics.count('cairn_miner_tokens_total', receipt.promptTokens, { miner, kind: 'prompt' });
      metrics.count('cairn_miner_tokens_total', receipt.completionTokens, { miner, kind: 'completion' });
      metrics.count('cairn_miner_earned_cairn_total', Number(receipt.price) / PEBBLES_PER_CAIRN, { miner });
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
