import { type InferEvent, type InferRequest, infer, type Payer } from '@cairn/sdk';
import type { Town } from './parts.ts';

let keys = 0;

export interface AskOptions {
  readonly maxTokens?: number;
  readonly signal?: AbortSignal;
  readonly payer?: Payer;
  readonly key?: string;
  readonly onOpening?: InferRequest['onOpening'];
}

/** One paid question to the town's miner. */
export function ask(
  town: Town,
  content: string,
  { maxTokens, signal, payer, key, onOpening }: AskOptions = {},
) {
  keys += 1;
  return infer(town.inferParts(payer), {
    offer: town.miner.offer,
    body: {
      endpoint: 'chat',
      prompt: { kind: 'chat', messages: [{ role: 'user', content }] },
      params: { maxTokens: maxTokens ?? 500, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
    },
    idempotencyKey: key ?? `key ${keys}`,
    ...(signal === undefined ? {} : { signal }),
    ...(onOpening === undefined ? {} : { onOpening }),
  });
}

export async function gather(events: AsyncIterable<InferEvent>) {
  let text = '';
  let end: Extract<InferEvent, { type: 'end' }> | null = null;
  for await (const event of events) {
    if (event.type === 'delta') text += event.text;
    if (event.type === 'end') end = event;
  }
  if (end === null) throw new Error('the answer had no end');
  return { text, end };
}

export function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index}`).join(' ');
}
