import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatAmount } from '@cairn/core';
import type { Fields } from '../api/fields.ts';
import { GatewayError } from '../errors.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { replyJson } from '../http/reply.ts';
import type { ReceiptRow, UsageBook, UsageFilter, UsageRow } from '../usage.ts';
import { describeKey, type KeyBook } from './keys.ts';
import { parseNewKey } from './parse-key.ts';

export interface AccountParts {
  readonly keys: KeyBook;
  readonly book: UsageBook;
}

/** A request that was let in. `caller` is `local` for the operator of this gateway. */
export interface AccountExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly caller: string;
  readonly headers: Readonly<Record<string, string>>;
}

const MOST_BODY_BYTES = 64 * 1024;
const MOST_RECEIPTS = 1_000;
const DEFAULT_RECEIPTS = 100;

export function isAccountPath(path: string): boolean {
  return /^\/v1\/(keys|usage|receipts)$|^\/v1\/keys\/[^/]+$/.test(path);
}

/**
 * `/v1/keys`, `/v1/usage` and `/v1/receipts`: what keys there are, and what was spent with them. The operator sees
 * all; a key sees itself.
 *
 * @throws GatewayError `operator_only`, `key_not_found`, `method_not_allowed`, `invalid_value`
 */
export async function answerAccount(parts: AccountParts, exchange: AccountExchange): Promise<void> {
  const { path, request, response, headers } = exchange;
  const reply = (body: object, status = 200) => replyJson(response, status, JSON.stringify(body), headers);
  const id = path.startsWith('/v1/keys/') ? path.slice('/v1/keys/'.length) : null;
  if (id !== null) return reply(await oneKey(parts, exchange, id));
  if (path === '/v1/keys' && request.method === 'POST') {
    requireOperator(exchange);
    const { key, secret } = await parts.keys.create(parseNewKey(await readFields(request)));
    return reply({ ...describeKey(key), key: secret }, 201);
  }
  if (request.method !== 'GET') throw wrongMethod(path === '/v1/keys' ? 'GET, POST' : 'GET', exchange);
  if (path === '/v1/keys') {
    const mine = parts.keys.list().filter((key) => isOperator(exchange) || key.id === exchange.caller);
    return reply({ object: 'list', data: mine.map(describeKey) });
  }
  const query = new URL(request.url ?? '/', 'http://gateway').searchParams;
  const filter = readFilter(query, exchange);
  if (path === '/v1/usage') return reply(describeUsage(parts.book.rows(filter)));
  const limit = readLimit(query.get('limit'));
  reply({ object: 'list', data: parts.book.receipts(filter, limit).map(describeReceiptRow) });
}

async function oneKey({ keys }: AccountParts, exchange: AccountExchange, id: string): Promise<object> {
  const { method } = exchange.request;
  const found = isOperator(exchange) || id === exchange.caller ? keys.find(id) : null;
  if (method === 'GET' && found !== null) return describeKey(found);
  if (method === 'DELETE') {
    requireOperator(exchange);
    if (await keys.remove(id)) return { object: 'cairn.key.deleted', id, deleted: true };
  } else if (method !== 'GET') throw wrongMethod('GET, DELETE', exchange);
  throw new GatewayError({ code: 'key_not_found' }, `This gateway has no key ${id.slice(0, 64)}.`);
}

function isOperator({ caller }: AccountExchange): boolean {
  return caller === 'local';
}

function requireOperator(exchange: AccountExchange): void {
  if (isOperator(exchange)) return;
  throw new GatewayError(
    { code: 'operator_only' },
    'Only programs on the machine of this gateway, without a key, make and remove keys.',
  );
}

function wrongMethod(allow: string, { path, request }: AccountExchange): GatewayError {
  return new GatewayError(
    { code: 'method_not_allowed', allow },
    `${path.slice(0, 200)} takes ${allow}, not ${request.method}.`,
  );
}

async function readFields(request: IncomingMessage): Promise<Fields> {
  return parseJsonObject(await readBody(request, MOST_BODY_BYTES));
}

function readFilter(query: URLSearchParams, exchange: AccountExchange): UsageFilter {
  const day = query.get('day');
  const model = query.get('model');
  if (day !== null && !/^\d{4}-\d{2}-\d{2}$/.test(day)) {
    throw new GatewayError(
      { code: 'invalid_value', param: 'day' },
      'day must be a date as 2026-01-31, in UTC.',
    );
  }
  const caller = isOperator(exchange) ? query.get('key') : exchange.caller;
  return {
    ...(day === null ? {} : { day }),
    ...(model === null ? {} : { model }),
    ...(caller === null ? {} : { caller }),
  };
}

function readLimit(text: string | null): number {
  const limit = text === null ? DEFAULT_RECEIPTS : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_RECEIPTS) return limit;
  throw new GatewayError(
    { code: 'invalid_value', param: 'limit' },
    `limit must be a whole number from 1 to ${MOST_RECEIPTS}.`,
  );
}

/** Rows with their sum; amounts are decimal CAIRN. */
function describeUsage(rows: readonly UsageRow[]): object {
  const sum = (pick: (row: UsageRow) => number) => rows.reduce((total, row) => total + pick(row), 0);
  const cost = rows.reduce((total, row) => total + row.cost, 0n);
  return {
    object: 'list',
    data: rows.map(({ caller, cost: paid, ...row }) => ({
      object: 'cairn.usage',
      day: row.day,
      key: caller,
      model: row.model,
      endpoint: row.endpoint,
      requests: row.requests,
      prompt_tokens: row.promptTokens,
      cached_tokens: row.cachedTokens,
      completion_tokens: row.completionTokens,
      images: row.images,
      audio_seconds: row.audioSeconds,
      cost: formatAmount(paid),
    })),
    total: {
      requests: sum((row) => row.requests),
      prompt_tokens: sum((row) => row.promptTokens),
      completion_tokens: sum((row) => row.completionTokens),
      cost: formatAmount(cost),
    },
  };
}

function describeReceiptRow({ receipt, provider, cost, caller, model, endpoint, atMs }: ReceiptRow): object {
  return {
    object: 'cairn.receipt.row',
    receipt,
    provider,
    cost: formatAmount(cost),
    key: caller,
    model,
    endpoint,
    created: Math.floor(atMs / 1_000),
  };
}
