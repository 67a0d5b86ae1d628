import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesToHex, type Clock, type Logger, type Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { PrivacyLevel, RecordStore, SignedReceipt, Timer } from '@cairn/protocol';
import type { Allowance, InferEvent, InferRequest } from '@cairn/sdk';
import { createKeyBook } from './account/keys.ts';
import type { AgentPorts } from './agents/ports.ts';
import { STRANGER } from './agents/stranger.ts';
import { createX402Gate, type X402Parts } from './agents/x402/gate.ts';
import { createIdempotencyBook } from './api/idempotency.ts';
import { createKeptStore } from './api/kept-store.ts';
import { createBatchStore } from './endpoints/batch-book.ts';
import { createBatchRunner } from './endpoints/batch-runner.ts';
import type { Endpoint, EndpointContext, Exchange, KeptReply } from './endpoints/endpoint.ts';
import { createFileBook } from './endpoints/file-book.ts';
import { createModelFinder } from './endpoints/model-finder.ts';
import { createResponseBook } from './endpoints/response-book.ts';
import { findEndpoint, isGatewayPath } from './endpoints/table.ts';
import { GatewayError } from './errors.ts';
import { errorToApi, isUnexpected } from './http/api-error.ts';
import { type Caller, type Control, createControl } from './http/control.ts';
import { replyError } from './http/reply.ts';
import { createMeter, type Meter, type MeterOptions, type Usage } from './meter.ts';
import type { Catalogue, ListedModel } from './route/catalogue.ts';
import { createHealthBook } from './route/health.ts';
import { createRouter } from './route/router.ts';
import { createUsageBook } from './usage.ts';

export interface GatewayParts {
  /** What agents may use beside models. @default nothing */
  readonly agent?: AgentPorts;
  /** How callers without a key pay. @default they cannot */
  readonly x402?: X402Parts;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly catalogue: Catalogue;
  /** Asks one provider and pays it: `infer` of the SDK with its parts. */
  readonly infer: (request: InferRequest) => AsyncIterable<InferEvent>;
  /** A receipt by its hex id. */
  readonly receipt: (id: string) => SignedReceipt | null;
  /** The provider's receipt behind that of a hub, by the id of the hub's. @default none: providers are paid directly */
  readonly bought?: (id: string) => SignedReceipt | null;
  /** Measured quality of an offer from 0 to 1; null when nobody has measured it. */
  readonly quality?: (offer: Offer) => number | null;
  /** Who could read what is asked of an offer now. @default not told */
  readonly privacy?: (offer: Offer) => Promise<PrivacyLevel>;
  /** What the owner of the money allows, when the gateway pays as a sub-key. @default any model */
  readonly allowance?: () => Promise<Allowance>;
  /** Where keys and usage outlive a restart. @default in memory only */
  readonly records?: RecordStore;
  /** 32 bytes under which answers for Idempotency-Keys are kept in the records. @default they end with the process */
  readonly keptKey?: Uint8Array;
  /** Names of models that a name stands for, the best first. @default a name stands for itself */
  readonly aliases?: (name: string) => Promise<readonly string[]>;
  /** Needed to ask a second provider when the first is late. @default none is asked */
  readonly timer?: Timer;
  /** How long a provider says that a request waits now, in milliseconds; null when it says nothing. */
  readonly queueMs?: (offer: Offer) => number | null;
  /** Where an offer is served. @default nobody says */
  readonly regions?: (offer: Offer) => readonly string[];
  /** Whether hardware was found to vouch for the keys of an offer. @default of none */
  readonly attested?: (offer: Offer) => boolean;
  /** Where files and batches are kept, apart from other records. @default nothing is kept */
  readonly storage?: { readonly records: RecordStore; readonly timer: Timer };
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
  /** Who may ask. */
  readonly control: Control;
  /** The meter, for paid work beside `/v1`. */
  readonly reserve: Meter['reserve'];
  /** The slot of an Idempotency-Key, for such work. @throws GatewayError `idempotency_key_reused` and the like */
  readonly claim: EndpointContext['claim'];
  /** What a caller has spent; `local` is this machine. */
  usage(caller: string): Usage;
  /** Claims what callers without a key owe. */
  claimPayments(): Promise<void>;
  /** Ends what goes on behind requests: batches, which go on after the next start, and writes of usage. */
  stop(): Promise<void>;
  /** Average time to the first token of a provider, by its address, in milliseconds; null: nothing is known. */
  latencyOf(provider: string): number | null;
  /** Providers it remembers, and how many of them are not asked now because they failed. */
  providers(): { readonly known: number; readonly open: number };
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
  const keys = createKeyBook(parts);
  const control: Control = createControl({ keys: options.keys ?? [], book: keys });
  const mostBodyBytes = options.mostBodyBytes ?? 1024 * 1024;
  const health = createHealthBook(clock);
  const router = createRouter({
    random,
    health,
    ...(parts.quality === undefined ? {} : { quality: parts.quality }),
    ...(parts.queueMs === undefined ? {} : { queueMs: parts.queueMs }),
    ...(parts.regions === undefined ? {} : { regions: parts.regions }),
    ...(parts.attested === undefined ? {} : { attested: parts.attested }),
  });
  const book = createUsageBook({
    clock,
    keepsSum: (caller) => keys.find(caller)?.limits.totalLimit !== undefined,
    ...(parts.records === undefined ? {} : { records: parts.records }),
    ...(parts.timer === undefined ? {} : { timer: parts.timer }),
    onLost: (reason) => log.error('usage was not kept', { reason }),
  });
  const limitsOf = (caller: string) => keys.find(caller)?.limits ?? null;
  // Callers without a key are known by what they pay.
  const isKnown = (caller: string) => caller.startsWith('x402:') || control.isKnown(caller);
  const meter = createMeter(clock, { limitsOf, isKnown, ...options.meter }, book);
  const kept = createIdempotencyBook({
    clock,
    ...(parts.timer === undefined ? {} : { timer: parts.timer }),
    ...(parts.keptKey === undefined || parts.records === undefined
      ? {}
      : { store: createKeptStore({ records: parts.records, random }, parts.keptKey) }),
    onProblem: (reason) => log.error('an answer was not kept for its Idempotency-Key', { reason }),
  });
  const { infer, timer } = parts;
  const hedging = timer === undefined ? {} : { timer };
  const completionParts = { clock, random, log, router, health, meter, infer, ...hedging };
  const models = createModelFinder(parts, options.firstModel);

  /** Answers a key that was used before with what it got then. */
  async function once(
    exchange: Exchange,
    body: Uint8Array,
    answer: (onSpent?: () => void) => Promise<KeptReply | null>,
  ): Promise<void> {
    const { request, response, path, caller } = exchange;
    const key = request.headers['idempotency-key'];
    const slot =
      typeof key === 'string' ? await kept.claim(key.slice(0, 256), caller, 'POST', path, body) : null;
    if (slot?.replay) {
      const { status, headers, body: text } = slot.replay;
      response.writeHead(status, { ...headers, ...exchange.headers, 'x-cairn-replayed': 'true' });
      response.end(text);
      return;
    }
    try {
      const answered = await answer(slot?.spend);
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
    account: { keys, book },
    ...models,
    receipt: parts.receipt,
    bought: parts.bought ?? (() => null),
    privacy: parts.privacy ?? null,
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
      return { id: STRANGER, foreignOrigin: null };
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
      const startMs = clock.nowMs();
      let endpoint: Endpoint | null = null;
      try {
        if (request.method === 'OPTIONS') {
          preflight(request, response);
          return true;
        }
        const found = findEndpoint(request.method ?? 'GET', path);
        endpoint = found.endpoint;
        const bare = { request, response, path, rest: found.rest, requestId, headers, startMs };
        if (x402 !== null && endpoint !== null && request.headers['payment-signature'] !== undefined) {
          await x402.serve(context, endpoint, bare);
          return true;
        }
        const { id, foreignOrigin } = await admit(endpoint, bare);
        if (foreignOrigin !== null) {
          headers['access-control-allow-origin'] = foreignOrigin;
          headers['access-control-expose-headers'] =
            'x-request-id, x-cairn-receipt, x-cairn-provider, x-cairn-cost, x-cairn-privacy, x-cairn-attempts, x-cairn-overhead-ms, retry-after, retry-after-ms';
          headers.vary = 'origin';
        }
        if (endpoint === null) throw found.problem;
        const exchange = { ...bare, caller: id };
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
    control,
    reserve: meter.reserve,
    claim: context.claim,
    models: models.listed,
    usage: (caller) => meter.usage(caller),
    claimPayments: async () => x402?.book.claimDue(),
    stop: async () => {
      await batches?.stop();
      kept.stop();
      await book.flush();
    },
    latencyOf: (provider) => health.of(provider).ttftMs,
    providers: () => health.count(),
  };
}
