import type { IncomingMessage } from 'node:http';
import { formatAmount } from '@cairn/core';
import type { Fields } from '../api/fields.ts';
import type { Endpoint, Exchange } from '../endpoints/endpoint.ts';
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

const MOST_BODY_BYTES = 64 * 1024;
const MOST_RECEIPTS = 1_000;
const DEFAULT_RECEIPTS = 100;

/**
 * `/v1/keys`, `/v1/usage` and `/v1/receipts`: what keys there are, and what was spent with them. The operator sees
 * all; a key sees itself.
 */
export const accountEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/v1/keys',
    async serve({ account: { keys } }, exchange) {
      const mine = keys.list().filter((key) => isOperator(exchange) || key.id === exchange.caller);
      reply(exchange, { object: 'list', data: mine.map(describeKey) });
    },
  },
  {
    method: 'POST',
    path: '/v1/keys',
    async serve({ account: { keys } }, exchange) {
      requireOperator(exchange);
      const { key, secret } = await keys.create(parseNewKey(await readFields(exchange.request)));
      reply(exchange, { ...describeKey(key), key: secret }, 201);
    },
  },
  {
    method: 'GET',
    path: '/v1/keys/',
    async serve({ account: { keys } }, exchange) {
      const id = exchange.rest;
      const found = isOperator(exchange) || id === exchange.caller ? keys.find(id) : null;
      if (found === null) throw noKey(id);
      reply(exchange, describeKey(found));
    },
  },
  {
    method: 'DELETE',
    path: '/v1/keys/',
    async serve({ account: { keys }, batches }, exchange) {
      const id = exchange.rest;
      requireOperator(exchange);
      if (!(await keys.remove(id))) throw noKey(id);
      for (const batch of batches?.store.list(id) ?? []) await batches?.cancel(batch);
      reply(exchange, { object: 'cairn.key.deleted', id, deleted: true });
    },
  },
  {
    method: 'GET',
    path: '/v1/usage',
    async serve({ account: { book } }, exchange) {
      reply(exchange, describeUsage(book.rows(readFilter(queryOf(exchange), exchange))));
    },
  },
  {
    method: 'GET',
    path: '/v1/receipts',
    async serve({ account: { book } }, exchange) {
      const query = queryOf(exchange);
      const filter = readFilter(query, exchange);
      const rows = book.receipts(filter, readLimit(query.get('limit')));
      reply(exchange, { object: 'list', data: rows.map(describeReceiptRow) });
    },
  },
];

function reply({ response, headers }: Exchange, body: object, status = 200): void {
  replyJson(response, status, JSON.stringify(body), headers);
}

function queryOf({ request }: Exchange): URLSearchParams {
  return new URL(request.url ?? '/', 'http://gateway').searchParams;
}

function noKey(id: string): GatewayError {
  return new GatewayError({ code: 'key_not_found' }, `This gateway has no key ${id.slice(0, 64)}.`);
}

function isOperator({ caller }: Exchange): boolean {
  return caller === 'local';
}

function requireOperator(exchange: Exchange): void {
  if (isOperator(exchange)) return;
  throw new GatewayError(
    { code: 'operator_only' },
    'Only programs on the machine of this gateway, without a key, make and remove keys.',
  );
}

async function readFields(request: IncomingMessage): Promise<Fields> {
  return parseJsonObject(await readBody(request, MOST_BODY_BYTES));
}

function readFilter(query: URLSearchParams, exchange: Exchange): UsageFilter {
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
