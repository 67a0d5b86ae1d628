import { type Amount, formatAmount } from '@cairn/core';
import type { Fields } from '../api/fields.ts';
import { parseChatRequest } from '../api/parse-request.ts';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import { type Gathered, gatherAnswer } from '../endpoints/gather.ts';

export interface AgentAnswer extends Gathered {
  readonly modelName: string;
}

/** Who asks, and under which name the answer is paid. */
export interface Asker {
  readonly caller: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** As usage names it. */
  readonly endpoint: string;
  /** Told once anything was paid. */
  readonly onSpent?: () => void;
  /** Most pebbles the answer may cost. @default what the gateway pays for one */
  readonly most?: Amount;
}

/**
 * Asks a model through the gateway's meter, as `/v1/chat/completions` does.
 *
 * @throws GatewayError as that endpoint answers
 */
export async function askModel(
  context: EndpointContext,
  fields: Fields,
  { signal, endpoint, ...who }: Asker,
): Promise<AgentAnswer> {
  const request = parseChatRequest({ ...fields, stream: false, n: 1 });
  await context.checkWallet();
  const listed = await context.findModel(request.model, 'text');
  const job = { listed, request, ...who, endpoint, idleTimeoutMs: context.idleTimeoutMs };
  const gathered = await gatherAnswer(context.completions, job, signal);
  return { ...gathered, modelName: listed.name };
}

/** An answer with what it cost, for programs. */
export function describeAnswer({ text, modelName, receipt, receiptId, provider }: AgentAnswer) {
  return {
    answer: text,
    model: modelName,
    provider,
    receipt: receiptId,
    cost: formatAmount(receipt.price),
    promptTokens: receipt.promptTokens,
    completionTokens: receipt.completionTokens,
    finishReason: receipt.finishReason,
  };
}
