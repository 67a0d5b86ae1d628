import { bytesToHex, CairnError, type Crypto, decode, type Random, utf8ToBytes } from '@cairn/core';
import type { ModelCard, Offer } from '@cairn/ledger';
import { type CaseLink, drawCanary, floatToBits } from '@cairn/mechanisms';
import { signedReceiptShape } from '@cairn/protocol';
import { type InferParts, infer } from '@cairn/sdk';
import { isCheapEnough } from '../validator/question-price.ts';

export interface AskCanaryParts extends InferParts {
  readonly crypto: Crypto;
  readonly random: Random;
}

/** An answer with its receipt, or why there is none: that a provider does not answer proves nothing. */
export type CanaryOutcome =
  | { readonly ok: true; readonly link: CaseLink }
  | { readonly ok: false; readonly reason: string };

/** Longest silence of a provider, as users of the gateway wait. */
const IDLE_MS = 30_000;

/** Asks a provider one question as a user does: through a channel, sealed, paid, with a receipt. */
export async function askCanary(
  parts: AskCanaryParts,
  offer: Offer,
  card: Pick<ModelCard, 'tasks'>,
  signal: AbortSignal,
): Promise<CanaryOutcome> {
  const { crypto, random } = parts;
  const { terms } = offer;
  const canary = drawCanary(crypto, random.bytes(32), {
    tasks: card.tasks,
    logprobs: terms.capabilities.includes('logprobs'),
    seed: terms.capabilities.includes('seed'),
    contextTokens: terms.contextTokens,
  });
  const body = { endpoint: 'chat' as const, ...canary };
  if (!isCheapEnough(offer, body)) return { ok: false, reason: 'it asks too much' };
  let asked: Uint8Array | null = null;
  const texts: string[] = [];
  const tokenIds: number[] = [];
  const logprobs: number[] = [];
  let receipt: Uint8Array | null = null;
  try {
    const request = {
      ...{ offer, body, signal },
      onAsked(bytes: Uint8Array) {
        asked = bytes;
      },
      idempotencyKey: bytesToHex(random.bytes(16)),
      idleTimeoutMs: IDLE_MS,
      async onReceipt(answer: { readonly receipt: Uint8Array }) {
        receipt = answer.receipt;
      },
    };
    for await (const event of infer(parts, request)) {
      if (event.type !== 'delta') continue;
      texts.push(event.text);
      tokenIds.push(...(event.tokenIds ?? []));
      logprobs.push(...(event.logprobs ?? []).map(({ logprob }) => logprob));
    }
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    return { ok: false, reason: error.code };
  }
  if (receipt === null || asked === null) return { ok: false, reason: 'no receipt came' };
  return {
    ok: true,
    link: {
      signed: decode(signedReceiptShape, receipt),
      disclosed: {
        body: asked,
        tokenIds,
        logprobs: logprobs.length === 0 ? null : logprobs.map(floatToBits),
        text: utf8ToBytes(texts.join('')),
      },
    },
  };
}
