import type { CallToolResult } from '@modelcontextprotocol/server';
import { type ApiRequest, parseChatRequest } from '../../api/parse-request.ts';
import type { EndpointContext } from '../../endpoints/endpoint.ts';
import { GatewayError } from '../../errors.ts';
import type { X402Gate } from './gate.ts';
import { isRecord, readPayment } from './offer.ts';

/** Where a payment travels in a call of a tool, and where its settlement comes back. */
const PAYMENT = 'x402/payment';
const SETTLED = 'x402/payment-response';

export interface PaidCall {
  /** Name of the tool. */
  readonly tool: string;
  /** What came beside the arguments: the payment, if there is one. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  /** Fields of the question, as `/v1/chat/completions` takes them. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Answers with what the payment is good for. */
  readonly run: (paid: EndpointContext, caller: string, paymentId: string) => Promise<CallToolResult>;
  /** What a caller reads of an error. */
  readonly toFailure: (error: unknown) => CallToolResult;
}

/**
 * Answers a call of a tool from somebody without a key: without a payment it says what is to be paid, with one it
 * answers and says what that came to. As x402 has it for the Model Context Protocol.
 */
export async function callPaidTool(
  context: EndpointContext,
  gate: X402Gate,
  { tool, meta, fields, run, toFailure }: PaidCall,
): Promise<CallToolResult> {
  async function demand(message: string, charged: bigint | null): Promise<CallToolResult> {
    const asked: ApiRequest = parseChatRequest({ ...fields, stream: false, n: 1 });
    const amount = await gate.quoteText(context, asked);
    const required = gate.require(`mcp://tool/${tool}`, amount, { message, charged });
    return {
      isError: true,
      structuredContent: { ...required },
      content: [{ type: 'text', text: JSON.stringify(required) }],
    };
  }

  const payment = meta?.[PAYMENT];
  try {
    if (payment === undefined) {
      return await demand('A key of this gateway is needed, or a payment: this says which.', null);
    }
    const problem = { code: 'payment_invalid', reason: 'MALFORMED' } as const;
    if (!isRecord(payment)) throw new GatewayError(problem, `${PAYMENT} has to be an object.`);
    const sold = await gate.sell(context, readPayment(payment), run);
    const result = 'value' in sold ? sold.value : toFailure(sold.error);
    return { ...result, _meta: { ...result._meta, [SETTLED]: sold.settled } };
  } catch (error) {
    if (error instanceof GatewayError && error.problem.code === 'payment_invalid')
      return demand(error.message, error.problem.charged ?? null);
    return toFailure(error);
  }
}
