import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesToHex, type Clock, type Logger, type Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { RecordStore, SignedReceipt, Timer } from '@cairn/protocol';
import type { Allowance, InferEvent, InferRequest } from '@cairn/sdk';
import type { AgentPorts } from './agents/ports.ts';
import { createX402Gate, type X402Parts } from './agents/x402/gate.ts';
import { createIdempotencyBook } from './api/idempotency.ts';
import { createBatchStore } from './endpoints/batch-book.ts';
import { createBatchRunner } from './endpoints/batch-runner.ts';
import type { Endpoint, EndpointContext, Exchange, KeptReply } from './endpoints/endpoint.ts';
import { createFileBook } from './endpoints/file-book.ts';
import { findServed } from './endpoints/find-model.ts';
import { createResponseBook } from './endpoints/response-book.ts';
import { findEndpoint, isGatewayPath } from './endpoints/table.ts';
import { GatewayError } from './errors.ts';
import { errorToApi, isUnexpected } from './http/api-error.ts';
import { type Caller, type Control, createControl } from './http/control.ts';
import { replyError } from './http/reply.ts';
import { createMeter, type MeterOptions, type Usage } from './meter.ts';
import { type Catalogue, type ListedModel, listModels } from './route/catalogue.ts';
import { createHealthBook } from './route/health.ts';
import { createRouter } from './route/router.ts';
import type { Wanted } from './route/works.ts';

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
  /** Where files and batches are kept, apart from other records. @default nothing is kept */
  readonly storage?: { readonly records: RecordStore; readonly timer: Timer };
  /** What agents may use beside models. @default nothing */
  readonly agent?: AgentPorts;
  /** How callers without a key pay. @default they cannot */
  readonly x402?: X402Parts;
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
  /** Answers requests under `/v1` and those of agents' protocols; resolves with false, untouched, for any other path. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Models on sale now. */
  models(): Promise<readonly ListedModel[]>;
  /** What a caller has spent; `local` is this machine. */
  usage(caller: string): Usage;
  /** Claims what callers without a key owe. */
  claimPayments(): Promise<void>;
  /** Ends what goes on behind requests: batches, which go on after the next start. */
  stop(): Promise<void>;
}

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

  async function findModel(name: string | null, wanted: Wanted): Promise<ListedModel> {
    const models = await listed();
    if (name !== null && !models.some((model) => model.name === name)) await refuseForbidden(name);
    return findServed(models, name, wanted);
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

  /** Answers a key that was used before with what it got then. */
  async function once(
    exchange: Exchange,
    body: Uint8Array,
    answer: () => Promise<KeptReply | null>,
  ): Promise<void> {
    const { request, response, path, caller } = exchange;
    const key = request.headers['idempotency-key'];
    const slot = typeof key === 'string' ? kept.claim(key.slice(0, 256), caller, 'POST', path, body) : null;
    if (slot?.replay) {
      const { status, headers, body: text } = slot.replay;
      response.writeHead(status, { ...headers, ...exchange.headers, 'x-cairn-replayed': 'true' });
      response.end(text);
      return;
    }
    try {
      const answered = await answer();
      if (answered !== null) slot?.keep(answered);
    } finally {
      slot?.forget();
    }
  }

  const x402 =
    parts.x402 === undefined ? null : createX402Gate({ ...parts.x402, clock, log }, options.meter ?? {});
  const { storage } = parts;
  const files = storage === undefined ? null : createFileBook({ ...storage, clock, random });
  const batches =
    storage === undefined || files === null
      ? null
      : createBatchRunner({
          store: createBatchStore({ ...storage, clock, random }),
          files,
          timer: storage.timer,
          context: () => context,
        });
  const context: EndpointContext = {
    clock,
    random,
    log,
    completions: completionParts,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    mostBodyBytes,
    responses: createResponseBook(),
    files,
    batches,
    listed,
    findModel,
    checkWallet,
    receipt: parts.receipt,
    once,
    agent: parts.agent ?? {},
    x402,
    claim: (key, caller, path, body) => kept.claim(key, caller, 'POST', path, body),
  };

  /** Callers without a key see what there is, and are told what an answer costs. */
  async function admit(endpoint: Endpoint | null, bare: Omit<Exchange, 'caller'>): Promise<Caller> {
    try {
      return control.admit(bare.request, endpoint?.takesForms === true);
    } catch (error) {
      const code = error instanceof GatewayError ? error.problem.code : null;
      const isStranger = code === 'invalid_api_key' || code === 'host_not_allowed';
      if (x402 === null || endpoint === null || !isStranger) throw error;
      if (!x402.isFree(endpoint)) await x402.demand(context, endpoint, bare);
      return { id: 'stranger', foreignOrigin: null };
    }
  }

  function preflight(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(204, {
      'access-control-allow-origin': control.preflightOrigin(request),
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? 'authorization, content-type',
      'access-control-max-age': '600',
      vary: 'origin',
    });
    response.end();
  }

  // What was under way when this gateway stopped.
  batches?.wake();

  return {
    async handle(request, response) {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      if (!isGatewayPath(path)) return false;
      const requestId = `req_${bytesToHex(random.bytes(16))}`;
      const headers: Record<string, string> = { 'x-request-id': requestId };
      let endpoint: Endpoint | null = null;
      try {
        if (request.method === 'OPTIONS') {
          preflight(request, response);
          return true;
        }
        const found = findEndpoint(request.method ?? 'GET', path);
        endpoint = found.endpoint;
        const bare = { request, response, path, rest: found.rest, requestId, headers };
        if (x402 !== null && endpoint !== null && request.headers['payment-signature'] !== undefined) {
          await x402.serve(context, endpoint, bare);
          return true;
        }
        const { id, foreignOrigin } = await admit(endpoint, bare);
        if (foreignOrigin !== null) {
          headers['access-control-allow-origin'] = foreignOrigin;
          headers['access-control-expose-headers'] =
            'x-request-id, x-cairn-receipt, x-cairn-provider, x-cairn-cost';
          headers.vary = 'origin';
        }
        const exchange = { ...bare, caller: id };
        if (endpoint === null) throw found.problem;
        await endpoint.serve(context, exchange);
      } catch (error) {
        if (isUnexpected(error)) {
          log.error('a request failed', {
            path,
            reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
          });
        }
        const api = errorToApi(error);
        const body = endpoint?.errorBody?.(api) ?? api.body;
        replyError(response, { ...api, body, headers: { ...headers, ...api.headers } }, !request.complete);
      }
      return true;
    },
    models: listed,
    usage: (caller) => meter.usage(caller),
    claimPayments: async () => x402?.book.claimDue(),
    stop: async () => {
      await batches?.stop();
    },
  };
}

/** A sub-key that may not spend lists what there is: asking says why not. */
function isAllowed({ model }: Pick<ListedModel, 'model'>, allowance: Allowance | undefined): boolean {
  if (allowance === undefined || !allowance.ok || allowance.models.length === 0) return true;
  return allowance.models.includes(model.id);
}
