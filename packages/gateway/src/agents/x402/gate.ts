import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AccountId, type Amount, accountIdToAddress, PEBBLES_PER_CAIRN } from '@cairn/core';
import { encodeX402, type X402Required, type X402Settled, x402Network } from '@cairn/sdk';
import { type ApiRequest, parseChatRequest, parseCompletionRequest } from '../../api/parse-request.ts';
import type { Endpoint, EndpointContext, Exchange } from '../../endpoints/endpoint.ts';
import { GatewayError } from '../../errors.ts';
import { parseJsonObject, readBody } from '../../http/read-body.ts';
import { mostCost } from '../../route/router.ts';
import {
  checkOffer,
  type OfferedPayment,
  paymentRequired,
  readPaymentHeader,
  type SentPayment,
} from './offer.ts';
import { createPaidMeter } from './paid-meter.ts';
import {
  createPaymentBook,
  type OpenPayment,
  type PaymentBook,
  type PaymentBookParts,
} from './payment-book.ts';

export interface X402Parts extends Omit<PaymentBookParts, 'clock' | 'log'> {
  /** Subnet that channels to this gateway name. */
  readonly netuid: number;
  /** What is added to the price of providers, in hundredths of a percent. @default 500 */
  readonly marginBps?: number;
}

export interface X402GateOptions {
  /** Most pebbles one answer may cost before the margin. @default 1 CAIRN */
  readonly mostPerAnswer?: Amount;
}

/** Sells to callers without a key. */
export interface X402Gate {
  readonly book: PaymentBook;
  readonly network: string;
  readonly payTo: AccountId;
  /** Whether anybody may use an endpoint without paying. */
  isFree(endpoint: Endpoint): boolean;
  /** Says what a request costs. @throws GatewayError always: `payment_required`, or what is wrong with the request */
  demand(context: EndpointContext, endpoint: Endpoint, exchange: Omit<Exchange, 'caller'>): Promise<never>;
  /** Serves a request that brings a payment. @throws GatewayError `payment_invalid`, and as the endpoint does */
  serve(context: EndpointContext, endpoint: Endpoint, exchange: Omit<Exchange, 'caller'>): Promise<void>;
  /** The most pebbles that a question may cost. @throws GatewayError `model_not_found`, `model_kind_not_served` */
  quoteText(context: EndpointContext, asked: ApiRequest): Promise<Amount>;
  /** What has to be paid for a resource, and why. */
  require(
    resource: string,
    amount: Amount,
    problem: { readonly message: string; readonly charged: Amount | null },
  ): X402Required;
  /**
   * Takes a payment and runs what it is for. What `run` throws is told with what was charged till then.
   *
   * @throws GatewayError `payment_invalid`
   */
  sell<T>(
    context: EndpointContext,
    sent: SentPayment,
    run: (paid: EndpointContext, caller: string, paymentId: string) => Promise<T>,
  ): Promise<Sold<T>>;
}

/** What a payment bought, or why it did not, and what it came to. */
export type Sold<T> =
  | { readonly value: T; readonly settled: X402Settled }
  | { readonly error: unknown; readonly settled: X402Settled };

/** A stranger sees the tools; what costs is paid inside their calls. */
const FREE = new Set(['POST /mcp', 'GET /v1/models', 'GET /v1/models/', 'GET /.well-known/agent-card.json']);
const PAID = new Set(
  [
    'chat/completions',
    'completions',
    'responses',
    'messages',
    'embeddings',
    'rerank',
    'moderations',
    'images/generations',
    'audio/speech',
    'audio/transcriptions',
    'audio/translations',
  ].map((path) => `POST /v1/${path}`),
);

export function createX402Gate(
  parts: X402Parts & Pick<PaymentBookParts, 'clock' | 'log'>,
  options: X402GateOptions = {},
): X402Gate {
  const { payTo, netuid } = parts;
  const network = x402Network(parts.chainId);
  const book = createPaymentBook(parts);
  const marginBps = BigInt(parts.marginBps ?? 500);
  const mostPerAnswer = options.mostPerAnswer ?? PEBBLES_PER_CAIRN;
  const withMargin = (cost: Amount) => (cost * (10_000n + marginBps) + 9_999n) / 10_000n;
  const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`;

  /** The most a request may cost: for text by its model and length, for other work what any answer may. */
  async function quoteText(context: EndpointContext, asked: ApiRequest): Promise<Amount> {
    const { offers } = await context.findModel(asked.model, 'text');
    const most = offers
      .map((offer) => mostCost(offer, asked))
      .reduce((one, other) => (one > other ? one : other), 0n);
    return withMargin((most < mostPerAnswer ? most : mostPerAnswer) * BigInt(asked.count ?? 1));
  }

  async function quote(context: EndpointContext, request: IncomingMessage, path: string): Promise<Amount> {
    const parse =
      path === '/v1/chat/completions'
        ? parseChatRequest
        : path === '/v1/completions'
          ? parseCompletionRequest
          : null;
    if (parse === null) return withMargin(mostPerAnswer);
    return quoteText(context, parse(parseJsonObject(await readBody(request, context.mostBodyBytes))));
  }

  function ask(
    { request, response, path }: Omit<Exchange, 'caller'>,
    amount: Amount,
    problem: { readonly message: string; readonly charged: Amount | null },
  ): void {
    const offered: OfferedPayment = { network, payTo, netuid, amount };
    const url = `http://${request.headers.host ?? 'localhost'}${path}`;
    response.setHeader('payment-required', encodeX402(paymentRequired(url, offered, problem)));
    response.setHeader('cache-control', 'no-store');
  }

  /** A payment that is refused is told what would be right. */
  async function refuse(
    context: EndpointContext,
    exchange: Omit<Exchange, 'caller'>,
    error: GatewayError,
  ): Promise<void> {
    const charged = error.problem.code === 'payment_invalid' ? (error.problem.charged ?? null) : null;
    const amount = await quote(context, exchange.request, exchange.path);
    ask(exchange, amount, { message: error.message, charged });
  }

  function take({ accepted, payment, scheme, amount }: SentPayment): Promise<OpenPayment> {
    checkOffer(accepted, { network, payTo });
    return book.open(payment, scheme, amount);
  }

  /** Runs what a payment is for with a meter that holds no more than it. */
  async function runPaid<T>(
    context: EndpointContext,
    payment: OpenPayment,
    run: (paid: EndpointContext, caller: string) => Promise<T>,
  ): Promise<T> {
    const { meter, flush } = createPaidMeter(context.completions.meter, payment, marginBps);
    const paid: EndpointContext = { ...context, completions: { ...context.completions, meter }, agent: {} };
    try {
      return await run(paid, `x402:${accountIdToAddress(payment.payer)}`);
    } finally {
      await flush().finally(() => payment.end());
    }
  }

  async function open(context: EndpointContext, exchange: Omit<Exchange, 'caller'>): Promise<OpenPayment> {
    try {
      return await take(readPaymentHeader(String(exchange.request.headers['payment-signature'])));
    } catch (error) {
      if (error instanceof GatewayError && error.problem.code === 'payment_invalid')
        await refuse(context, exchange, error);
      throw error;
    }
  }

  return {
    book,
    network,
    payTo,
    isFree: (endpoint) => FREE.has(nameOf(endpoint)) || endpoint.path.startsWith('/x402/'),
    async demand(context, endpoint, exchange) {
      if (!PAID.has(nameOf(endpoint))) {
        throw new GatewayError(
          { code: 'invalid_api_key' },
          `${nameOf(endpoint)} is for callers with a key of this gateway; payments are taken for answers only.`,
        );
      }
      const amount = await quote(context, exchange.request, exchange.path);
      const message = 'A key of this gateway is needed, or a payment: PAYMENT-REQUIRED says which.';
      ask(exchange, amount, { message, charged: null });
      throw new GatewayError({ code: 'payment_required' }, message);
    },
    async serve(context, endpoint, exchange) {
      const { request, response } = exchange;
      if (!PAID.has(nameOf(endpoint))) {
        throw new GatewayError(
          { code: 'payment_invalid', reason: 'NOT_FOR_SALE' },
          `${nameOf(endpoint)} is not paid for. Leave PAYMENT-SIGNATURE out.`,
        );
      }
      const payment = await open(context, exchange);
      // The payment's name is the key under which its answer is kept.
      request.headers['idempotency-key'] = payment.id;
      tellWhenSent(response, payment, network);
      await runPaid(context, payment, (paid, caller) => endpoint.serve(paid, { ...exchange, caller }));
    },
    quoteText,
    require: (resource, amount, problem) =>
      paymentRequired(resource, { network, payTo, netuid, amount }, problem),
    async sell(context, sent, run) {
      const payment = await take(sent);
      try {
        const value = await runPaid(context, payment, (paid, caller) => run(paid, caller, payment.id));
        return { value, settled: settledOf(payment, network, true) };
      } catch (error) {
        return { error, settled: settledOf(payment, network, payment.charged > 0n) };
      }
    },
  };
}

function settledOf(payment: OpenPayment, network: string, success: boolean): X402Settled {
  return {
    success,
    ...(success ? {} : { errorReason: 'request_failed' }),
    payer: accountIdToAddress(payment.payer),
    transaction: payment.id,
    network,
    amount: payment.charged.toString(),
    extra: { state: 'charged' },
  };
}

/** Says with the answer what it cost. A stream begins before anybody knows: its payment is held. */
function tellWhenSent(response: ServerResponse, payment: OpenPayment, network: string): void {
  const writeHead = response.writeHead.bind(response) as (...values: unknown[]) => ServerResponse;
  response.writeHead = (status: number, ...rest: unknown[]) => {
    const last = rest.at(-1) as Readonly<Record<string, unknown>> | undefined;
    const isStream = String(last?.['content-type'] ?? '').startsWith('text/event-stream');
    const isHeld = isStream && !payment.isUsed;
    const told: X402Settled = {
      ...settledOf(payment, network, status < 400 || payment.charged > 0n),
      ...(status < 400 ? {} : { errorReason: 'request_failed' }),
      ...(isHeld ? { amount: payment.most.toString(), extra: { state: 'held' } } : {}),
    };
    response.setHeader('payment-response', encodeX402(told));
    return writeHead(status, ...rest);
  };
}
