import { createHash } from 'node:crypto';
import { bytesToHex, type Clock, formatAmount, type Random } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { GatewayError } from '../errors.ts';
import type { CallerLimits } from '../meter.ts';

/** A key of this gateway. Its secret is shown once and kept by nobody. */
export interface GatewayKey {
  /** SHA-256 of the secret in hex: the name its caller goes by. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  /** Milliseconds since 1970; null: it does not end. */
  readonly expiresMs: number | null;
  readonly limits: CallerLimits;
}

export interface NewKey {
  readonly name: string;
  readonly expiresMs: number | null;
  readonly limits: CallerLimits;
}

export interface KeyBook {
  /** Whether somebody who shows the secret of this id may come in now. */
  isKnown(id: string): boolean;
  find(id: string): GatewayKey | null;
  /** The oldest first. */
  list(): readonly GatewayKey[];
  /** @throws GatewayError `too_many_keys` */
  create(wanted: NewKey): Promise<{ readonly key: GatewayKey; readonly secret: string }>;
  /** False when there is none. */
  remove(id: string): Promise<boolean>;
  readonly size: number;
}

export interface KeyBookParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Where keys outlive a restart. @default in memory only */
  readonly records?: RecordStore;
}

const GATEWAY_KEYS = 'gateway/key/';
const MOST_KEYS = 10_000;

export function createKeyBook({ clock, random, records }: KeyBookParts): KeyBook {
  const keys = new Map<string, GatewayKey>();
  for (const name of records?.keys(GATEWAY_KEYS) ?? []) {
    const bytes = records?.get(name);
    if (bytes === undefined) continue;
    const key = keyFromBytes(bytes);
    keys.set(key.id, key);
  }

  return {
    get size() {
      return keys.size;
    },
    isKnown(id) {
      const key = keys.get(id);
      return key !== undefined && (key.expiresMs === null || clock.nowMs() < key.expiresMs);
    },
    find: (id) => keys.get(id) ?? null,
    list: () => [...keys.values()].toSorted((one, other) => one.createdMs - other.createdMs),
    async create({ name, expiresMs, limits }) {
      if (keys.size >= MOST_KEYS) {
        throw new GatewayError(
          { code: 'too_many_keys', limit: MOST_KEYS },
          `This gateway has ${keys.size} keys, which is all it takes. No time makes room: remove some.`,
        );
      }
      const secret = `sk-cairn-${bytesToHex(random.bytes(32))}`;
      const id = createHash('sha256').update(secret).digest('hex');
      const key: GatewayKey = { id, name, createdMs: clock.nowMs(), expiresMs, limits };
      await records?.set(GATEWAY_KEYS + id, keyToBytes(key));
      keys.set(id, key);
      return { key, secret };
    },
    async remove(id) {
      if (!keys.delete(id)) return false;
      await records?.delete(GATEWAY_KEYS + id);
      return true;
    },
  };
}

/** A key as clients read it; amounts are decimal CAIRN. */
export function describeKey({ id, name, createdMs, expiresMs, limits }: GatewayKey): object {
  const { dailyLimit, totalLimit, modelLimits, models, requestsPerMinute } = limits;
  const amount = (pebbles: bigint | undefined) => (pebbles === undefined ? null : formatAmount(pebbles));
  return {
    object: 'cairn.key',
    id,
    name,
    created: Math.floor(createdMs / 1_000),
    expires: expiresMs === null ? null : Math.floor(expiresMs / 1_000),
    limits: {
      daily: amount(dailyLimit),
      total: amount(totalLimit),
      per_model: Object.fromEntries(
        Object.entries(modelLimits ?? {}).map(([model, pebbles]) => [model, formatAmount(pebbles)]),
      ),
      models: models ?? [],
      requests_per_minute: requestsPerMinute ?? null,
    },
  };
}

const BIGINT_MARK = 'pebbles:';

function keyToBytes(key: GatewayKey): Uint8Array {
  const text = JSON.stringify(key, (_name, value: unknown) =>
    typeof value === 'bigint' ? `${BIGINT_MARK}${value}` : value,
  );
  return new TextEncoder().encode(text);
}

function keyFromBytes(bytes: Uint8Array): GatewayKey {
  return JSON.parse(new TextDecoder().decode(bytes), (name, value: unknown) =>
    name !== 'name' && typeof value === 'string' && /^pebbles:\d+$/.test(value)
      ? BigInt(value.slice(BIGINT_MARK.length))
      : value,
  ) as GatewayKey;
}
