import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Logger, Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { PrivacyLevel, SignedReceipt } from '@cairn/protocol';
import type { AccountParts } from '../account/account-endpoints.ts';
import type { AgentPorts } from '../agents/ports.ts';
import type { X402Gate } from '../agents/x402/gate.ts';
import type { IdempotencySlot } from '../api/idempotency.ts';
import type { CompletionParts } from '../completions.ts';
import type { ApiError } from '../http/api-error.ts';
import type { ListedModel } from '../route/catalogue.ts';
import type { Wanted } from '../route/works.ts';
import type { BatchRunner } from './batch-runner.ts';
import type { FileBook } from './file-book.ts';
import type { ResponseBook } from './response-book.ts';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** What follows the endpoint's path, decoded. */
  readonly rest: string;
  readonly caller: string;
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When the request came. */
  readonly startMs: number;
}

/** A path as usage names it: `chat/completions` and the like. */
export function endpointOf(path: string): string {
  return path.slice('/v1/'.length);
}

/** What endpoints share. */
export interface EndpointContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly completions: CompletionParts;
  readonly idleTimeoutMs: number;
  readonly mostBodyBytes: number;
  readonly responses: ResponseBook;
  /** Null where nothing is kept. */
  readonly files: FileBook | null;
  readonly batches: BatchRunner | null;
  readonly account: AccountParts;
  readonly agent: AgentPorts;
  /** Null where nothing is sold to callers without a key. */
  readonly x402: X402Gate | null;
  /** The slot of a key, for what is not answered by HTTP. */
  readonly claim: (key: string, caller: string, path: string, body: Uint8Array) => IdempotencySlot;
  listed(): Promise<readonly ListedModel[]>;
  /** The model of a name or an alias. @throws GatewayError `model_not_found`, `model_not_allowed` */
  findListed(name: string): Promise<ListedModel>;
  /**
   * The model that a request names, for work that it does.
   *
   * @throws GatewayError `model_not_found`, `model_not_allowed`, `model_kind_not_served`
   */
  findModel(name: string | null, wanted: Wanted): Promise<ListedModel>;
  /** @throws GatewayError `wallet_not_allowed` */
  checkWallet(): Promise<void>;
  receipt(id: string): SignedReceipt | null;
  /** The provider's receipt behind that of a hub. */
  bought(id: string): SignedReceipt | null;
  /** Who could read what is asked of an offer now; null: not told. */
  readonly privacy: ((offer: Offer) => Promise<PrivacyLevel>) | null;
  /**
   * Answers the same again for a key that was used; runs `answer` for a new one. With a key it gets `onSpent`, to be
   * called once anything was paid.
   */
  once(
    exchange: Exchange,
    body: Uint8Array,
    answer: (onSpent?: () => void) => Promise<KeptReply | null>,
  ): Promise<void>;
}

/** An answer that may be given again. */
export interface KeptReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With a slash at its end it stands for all paths below it. */
  readonly path: string;
  readonly serve: (context: EndpointContext, exchange: Exchange) => Promise<void>;
  /** Takes forms with files. */
  readonly takesForms?: boolean;
  /** A failure as clients of this endpoint read it. @default OpenAI's */
  readonly errorBody?: (error: ApiError) => object;
}
