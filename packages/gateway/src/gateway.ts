import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesToHex, type Clock, type Logger, type Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { SignedReceipt } from '@cairn/protocol';
import type { Allowance, InferEvent, InferRequest } from '@cairn/sdk';
import { describeModel, describeReceipt } from './api/describe.ts';
import type { Fields } from './api/fields.ts';
import { createIdempotencyBook } from './api/idempotency.ts';
import { type ApiRequest, parseChatRequest, parseCompletionRequest } from './api/parse-request.ts';
import { serveCompletion } from './completions.ts';
import { GatewayError } from './errors.ts';
import { errorToApi, isUnexpected } from './http/api-error.ts';
import { type Control, createControl } from './http/control.ts';
import { parseJsonObject, readBody } from './http/read-body.ts';
import { replyError, replyJson } from './http/reply.ts';
import { createMeter, type MeterOptions, type Usage } from './meter.ts';
import { type Catalogue, type ListedModel, listModels } from './route/catalogue.ts';
import { createHealthBook } from './route/health.ts';
import { createRouter } from './route/router.ts';

export interface GatewayParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly catalogue: Catalogue;
  /** Asks one provider and pays it: `infer` of the SDK with its parts. */
  readonly infer: (request: InferRequest) => AsyncIterable<InferEvent>;
  /** A receipt by its hex id. */
  readonly receipt: (id: string) => SignedReceipt | null;
  /** Measured quality of an offer from 0 to 1; null when nobody has measured it. */
  readonly quality?: (offer: Offer) => number | null;
  /** What the owner of the money allows, when the gateway pays as a sub-key. @default any model */
  readonly allowance?: () => Promise<Allowance>;
}

export interface GatewayOptions {
  /** Keys that callers from elsewhere must show. @default none: only this machine */
  readonly keys?: readonly string[];
  /** Model that is listed first. @default the one published first */
  readonly firstModel?: string;
  /** Largest request body. @default 1 MiB */
  readonly mostBodyBytes?: number;
  readonly meter?: MeterOptions;
  /** Longest silence of a provider. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

export interface Gateway {
  /** Answers requests under `/v1`; resolves with false, untouched, for any other path. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Models on sale now. */
  models(): Promise<readonly ListedModel[]>;
  /** What a caller has spent; `local` is this machine. */
  usage(caller: string): Usage;
  /** Providers it remembers, and how many of them are not asked now because they failed. */
  providers(): { readonly known: number; readonly open: number };
}

/** The endpoints, by path. */
const METHODS: Readonly<Record<string, string>> = {
  '/v1/models': 'GET',
  '/v1/models/': 'GET',
  '/v1/receipts/': 'GET',
  '/v1/chat/completions': 'POST',
  '/v1/completions': 'POST',
};

/**
 * An OpenAI-compatible endpoint over raw `node:http` that finds, pays and checks providers.
 *
 * @example
 * const gateway = createGateway(parts);
 * createServer(async (request, response) => {
 *   if (!(await gateway.handle(request, response))) response.writeHead(404).end();
 * });
 */
export function createGateway(parts: GatewayParts, options: GatewayOptions = {}): Gateway {
  const { clock, random, log } = parts;
  const control: Control = createControl(options.keys === undefined ? {} : { keys: options.keys });
  const mostBodyBytes = options.mostBodyBytes ?? 1024 * 1024;
  const health = createHealthBook(clock);
  const router = createRouter({
    random,
    health,
    ...(parts.quality === undefined ? {} : { quality: parts.quality }),
  });
  const meter = createMeter(clock, options.meter);
  const kept = createIdempotencyBook(clock);
  const completionParts = { clock, random, log, router, health, meter, infer: parts.infer };

  const isFirst = ({ model }: ListedModel) => model.card.name === options.firstModel;
  const listed = async () => {
    const served = listModels(await parts.catalogue.models(), await parts.catalogue.offers());
    const allowance = await parts.allowance?.();
    const models = served.filter((model) => isAllowed(model, allowance));
    return [...models.filter(isFirst), ...models.filter((model) => !isFirst(model))];
  };

  async function findModel(name: string): Promise<ListedModel> {
    const models = await listed();
    const found = models.find((model) => model.name === name);
    if (found !== undefined) return found;
    await refuseForbidden(name);
    const names = models.slice(0, 20).map((model) => model.name);
    throw new GatewayError(
      { code: 'model_not_found', model: name },
      `Model ${name.slice(0, 100)} is not served. ${names.length === 0 ? 'No model is served right now.' : `There are: ${names.join(', ')}.`}`,
    );
  }

  /** Says of a model that is served, but not for this wallet, why it is not. */
  async function refuseForbidden(name: string): Promise<void> {
    if (parts.allowance === undefined) return;
    const served = listModels(await parts.catalogue.models(), await parts.catalogue.offers());
    if (!served.some((model) => model.name === name)) return;
    throw new GatewayError(
      { code: 'model_not_allowed', model: name },
      `The owner of this wallet does not let it ask ${name.slice(0, 100)}. Ask one that /v1/models lists, or have the owner set the sub-key again.`,
    );
  }

  /** @throws GatewayError `wallet_not_allowed` */
  async function checkWallet(): Promise<void> {
    const allowance = await parts.allowance?.();
    if (allowance === undefined || allowance.ok) return;
    throw new GatewayError(
      { code: 'wallet_not_allowed' },
      `This gateway may not spend its owner's money: ${allowance.reason}`,
    );
  }

  async function complete(exchange: Exchange, parse: (fields: Fields) => ApiRequest): Promise<void> {
    const { request, response, path, caller, requestId } = exchange;
    const body = await readBody(request, mostBodyBytes);
    const parsed = parse(parseJsonObject(body));
    const key = request.headers['idempotency-key'];
    const slot = typeof key === 'string' ? kept.claim(key.slice(0, 256), caller, 'POST', path, body) : null;
    if (slot?.replay) {
      const { status, headers, body: text } = slot.replay;
      response.writeHead(status, { ...headers, ...exchange.headers, 'x-cairn-replayed': 'true' });
      response.end(text);
      return;
    }
    try {
      await checkWallet();
      const answered = await serveCompletion(
        completionParts,
        {
          listed: await findModel(parsed.model),
          request: parsed,
          requestId,
          caller,
          headers: exchange.headers,
          idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
        },
        response,
      );
      if (answered !== null) slot?.keep(answered);
    } finally {
      slot?.forget();
    }
  }

  function findReceipt(id: string): SignedReceipt {
    const found = /^[0-9a-f]{64}$/.test(id) ? parts.receipt(id) : null;
    if (found !== null) return found;
    throw new GatewayError({ code: 'receipt_not_found' }, `This gateway has no receipt ${id.slice(0, 64)}.`);
  }

  async function route(exchange: Exchange): Promise<void> {
    const { response, headers, path, request } = exchange;
    const endpoint =
      METHODS[path] === undefined
        ? (/^\/v1\/(models|receipts)\/./.exec(path)?.[0].slice(0, -1) ?? path)
        : path;
    const allow = METHODS[endpoint];
    if (allow === undefined) {
      throw new GatewayError(
        { code: 'unknown_url' },
        `There is no ${request.method} ${path.slice(0, 200)} here.`,
      );
    }
    if (request.method !== allow) {
      throw new GatewayError(
        { code: 'method_not_allowed', allow },
        `${path.slice(0, 200)} takes ${allow}, not ${request.method}.`,
      );
    }
    const rest = decodePath(path.slice(endpoint.length));
    switch (endpoint) {
      case '/v1/models':
        replyJson(
          response,
          200,
          JSON.stringify({ object: 'list', data: (await listed()).map(describeModel) }),
          headers,
        );
        return;
      case '/v1/models/':
        replyJson(response, 200, JSON.stringify(describeModel(await findModel(rest))), headers);
        return;
      case '/v1/receipts/':
        replyJson(response, 200, JSON.stringify(describeReceipt(rest, findReceipt(rest))), headers);
        return;
      case '/v1/chat/completions':
        return complete(exchange, parseChatRequest);
      default:
        return complete(exchange, parseCompletionRequest);
    }
  }

  function preflight(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(204, {
      'access-control-allow-origin': control.preflightOrigin(request),
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? 'authorization, content-type',
      'access-control-max-age': '600',
      vary: 'origin',
    });
    response.end();
  }

  return {
    async handle(request, response) {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      if (path !== '/v1' && !path.startsWith('/v1/')) return false;
      const requestId = `req_${bytesToHex(random.bytes(16))}`;
      const headers: Record<string, string> = { 'x-request-id': requestId };
      try {
        if (request.method === 'OPTIONS') {
          preflight(request, response);
          return true;
        }
        const { id, foreignOrigin } = control.admit(request);
        if (foreignOrigin !== null) {
          headers['access-control-allow-origin'] = foreignOrigin;
          headers['access-control-expose-headers'] =
            'x-request-id, x-cairn-receipt, x-cairn-provider, x-cairn-cost';
          headers.vary = 'origin';
        }
        await route({ request, response, path, caller: id, requestId, headers });
      } catch (error) {
        if (isUnexpected(error)) {
          log.error('a request failed', {
            path,
            reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
          });
        }
        const api = errorToApi(error);
        replyError(response, { ...api, headers: { ...headers, ...api.headers } }, !request.complete);
      }
      return true;
    },
    models: listed,
    usage: (caller) => meter.usage(caller),
    providers: () => health.count(),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly caller: string;
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A sub-key that may not spend lists what there is: asking says why not. */
function isAllowed({ model }: Pick<ListedModel, 'model'>, allowance: Allowance | undefined): boolean {
  if (allowance === undefined || !allowance.ok || allowance.models.length === 0) return true;
  return allowance.models.includes(model.id);
}

/** Model names hold a slash, which clients send plain or escaped. */
function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
