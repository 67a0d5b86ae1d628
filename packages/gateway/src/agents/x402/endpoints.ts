import { accountIdToAddress } from '@cairn/core';
import { X402_SCHEMES, X402_VERSION, type X402Settled } from '@cairn/sdk';
import type { Endpoint, EndpointContext, Exchange } from '../../endpoints/endpoint.ts';
import { GatewayError } from '../../errors.ts';
import { parseJsonObject, readBody } from '../../http/read-body.ts';
import { replyJson } from '../../http/reply.ts';
import type { X402Gate } from './gate.ts';
import { checkOffer, isRecord, readPayment, type SentPayment } from './offer.ts';

const MOST_BODY_BYTES = 64 * 1024;

function gateOf({ x402 }: EndpointContext): X402Gate {
  if (x402 !== null) return x402;
  throw new GatewayError(
    { code: 'unknown_url' },
    'This gateway takes no payments of strangers. Its operator allows them with the setting sell.',
  );
}

/** The payment of a request to verify or settle. @throws GatewayError `invalid_json`, `payment_invalid` */
async function readSent({ request }: Exchange, gate: X402Gate): Promise<SentPayment> {
  const { paymentPayload, paymentRequirements } = parseJsonObject(await readBody(request, MOST_BODY_BYTES));
  const isWhole = isRecord(paymentPayload) && isRecord(paymentRequirements);
  const problem = { code: 'payment_invalid', reason: 'MALFORMED' } as const;
  if (!isWhole) throw new GatewayError(problem, 'paymentPayload and paymentRequirements are required.');
  const sent = readPayment(paymentPayload);
  checkOffer(paymentRequirements, gate);
  checkOffer(sent.accepted, gate);
  const isSame =
    sent.accepted.scheme === paymentRequirements.scheme &&
    sent.accepted.amount === paymentRequirements.amount;
  if (!isSame) throw new GatewayError(problem, 'The payment is for other requirements.');
  return sent;
}

/** What is wrong with a payment; anything else is thrown on. */
function reasonOf(error: unknown): { readonly reason: string; readonly message: string } {
  if (error instanceof GatewayError && error.problem.code === 'payment_invalid')
    return { reason: error.problem.reason.toLowerCase(), message: error.message };
  throw error;
}

async function verify(context: EndpointContext, exchange: Exchange): Promise<void> {
  const gate = gateOf(context);
  const { response, headers } = exchange;
  try {
    const { payment, scheme, amount } = await readSent(exchange, gate);
    const payer = accountIdToAddress(await gate.book.verify(payment, scheme, amount));
    replyJson(response, 200, JSON.stringify({ isValid: true, payer }), headers);
  } catch (error) {
    const { reason, message } = reasonOf(error);
    const told = { isValid: false, invalidReason: reason, invalidMessage: message };
    replyJson(response, 200, JSON.stringify(told), headers);
  }
}

async function settle(context: EndpointContext, exchange: Exchange): Promise<void> {
  const gate = gateOf(context);
  const { network } = gate;
  const { response, headers } = exchange;
  try {
    const { payment } = await readSent(exchange, gate);
    const { payer, charged } = await gate.book.settle(payment);
    const told: X402Settled = {
      success: true,
      payer: accountIdToAddress(payer),
      transaction: payment.id,
      network,
      amount: charged.toString(),
    };
    replyJson(response, 200, JSON.stringify(told), headers);
  } catch (error) {
    const { reason, message } = reasonOf(error);
    const told = { success: false, errorReason: reason, errorMessage: message, transaction: '', network };
    replyJson(response, 200, JSON.stringify(told), headers);
  }
}

/** What x402 calls a facilitator, for payments to this gateway. */
export const x402Endpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/x402/supported',
    async serve(context, { response, headers }) {
      const { network, payTo } = gateOf(context);
      const told = {
        kinds: X402_SCHEMES.map((scheme) => ({ x402Version: X402_VERSION, scheme, network })),
        extensions: [],
        signers: { 'cairn:*': [accountIdToAddress(payTo)] },
      };
      replyJson(response, 200, JSON.stringify(told), headers);
    },
  },
  { method: 'POST', path: '/x402/verify', serve: verify },
  { method: 'POST', path: '/x402/settle', serve: settle },
];
