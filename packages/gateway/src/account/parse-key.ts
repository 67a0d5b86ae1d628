import { CairnError, parseAmount } from '@cairn/core';
import { type Fields, invalid, isObject, missing, readTexts, readWhole } from '../api/fields.ts';
import type { CallerLimits } from '../meter.ts';
import type { NewKey } from './keys.ts';

const MOST_MODELS = 64;

/** @throws GatewayError `missing_required_parameter`, `invalid_value` */
export function parseNewKey(fields: Fields): NewKey {
  const { name } = fields;
  if (name === undefined || name === null) throw missing('name');
  if (typeof name !== 'string' || name === '' || name.length > 100 || !name.isWellFormed())
    throw invalid('name', 'a text of 1 to 100 characters');
  const limits = fields.limits ?? {};
  if (!isObject(limits)) throw invalid('limits', 'an object');
  const expires = readWhole(fields, 'expires', 0, 4_102_444_800);
  return { name, expiresMs: expires === null ? null : 1_000 * expires, limits: parseLimits(limits) };
}

function parseLimits(limits: Fields): CallerLimits {
  const strange = Object.keys(limits).find((name) => !LIMIT_NAMES.includes(name));
  if (strange !== undefined) {
    throw invalid(`limits.${strange.slice(0, 40)}`, `left out; there are ${LIMIT_NAMES.join(', ')}`);
  }
  const daily = readAmount(limits.daily, 'limits.daily');
  const total = readAmount(limits.total, 'limits.total');
  const perMinute = readWhole(limits, 'requests_per_minute', 1, 1_000_000);
  const models = readTexts(limits.models, 'limits.models', MOST_MODELS);
  const perModel = parsePerModel(limits.per_model ?? {});
  return {
    ...(daily === null ? {} : { dailyLimit: daily }),
    ...(total === null ? {} : { totalLimit: total }),
    ...(perModel === null ? {} : { modelLimits: perModel }),
    ...(models.length === 0 ? {} : { models }),
    ...(perMinute === null ? {} : { requestsPerMinute: perMinute }),
  };
}

const LIMIT_NAMES: readonly string[] = ['daily', 'total', 'per_model', 'models', 'requests_per_minute'];

function parsePerModel(value: unknown): Record<string, bigint> | null {
  if (!isObject(value)) throw invalid('limits.per_model', 'an object of amounts by model');
  const entries = Object.entries(value);
  if (entries.length > MOST_MODELS) throw invalid('limits.per_model', `at most ${MOST_MODELS} models`);
  if (entries.length === 0) return null;
  const limits: Record<string, bigint> = Object.create(null) as Record<string, bigint>;
  for (const [model, amount] of entries) {
    const limit = readAmount(amount, 'limits.per_model');
    if (limit !== null) limits[model] = limit;
  }
  return limits;
}

function readAmount(value: unknown, name: string): bigint | null {
  if (value === undefined || value === null) return null;
  try {
    if (typeof value === 'string' || typeof value === 'number') return parseAmount(String(value));
  } catch (cause) {
    if (!(cause instanceof CairnError)) throw cause;
  }
  throw invalid(name, 'CAIRN as decimal text');
}
