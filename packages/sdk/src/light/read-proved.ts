import { CairnError, type Clock, hexToBytes } from '@cairn/core';
import type { LightBlock, ProofView } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import type { LightClient } from './light-client.ts';
import type { StateSource } from './rpc-source.ts';
import { parameterFromState, parameterStateKey } from './state-values.ts';
import { timeMsOf } from './verify.ts';

/** A value of the state that the votes for `signed` vouch for. */
export interface ProvedState {
  readonly key: string;
  /** Null: the state holds nothing under this key. */
  readonly value: Uint8Array | null;
  /** Height of the state. */
  readonly height: bigint;
  /** The light block after it, whose header has the root. */
  readonly signed: LightBlock;
  /** Witnesses that had no such header yet. */
  readonly silentWitnesses: readonly string[];
}

export interface ReadProvedParts {
  readonly client: LightClient;
  /** Who is asked for values. */
  readonly source: StateSource;
  readonly clock: Clock;
}

export interface ReadProvedOptions {
  /** A newest header older than this is refused: its source hides blocks or is behind. @default 600_000 */
  readonly maxAgeMs?: number;
}

/**
 * Reads a state key at the newest height that has its votes, and believes only what the root in a verified header
 * proves. The first time it also proves how long stake is unbonding, and bounds the trust by it.
 *
 * @throws SdkError `LIGHT_…`, and `LIGHT_STALE`, `LIGHT_VALUE_REFUSED`
 */
export async function readProved(
  { client, source, clock }: ReadProvedParts,
  key: string,
  { maxAgeMs = 600_000 }: ReadProvedOptions = {},
): Promise<ProvedState> {
  const signed = await client.update();
  const { silentWitnesses } = client;
  const ageMs = clock.nowMs() - timeMsOf(signed.header.time);
  if (ageMs > maxAgeMs) {
    const height = signed.header.height.toString();
    throw new SdkError(
      { code: 'LIGHT_STALE', source: source.name, height, ageMs },
      `The newest header that ${source.name} shows, height ${height}, is ${Math.round(ageMs / 1_000)} s old; at most ${Math.round(maxAgeMs / 1_000)} s are taken. It is behind, hides blocks, or the chain stands still: ask another node.`,
    );
  }
  const height = signed.header.height - 1n;
  if (client.unbondingMs === null) await bindTrust({ client, source }, height);
  return { key, value: await proveValue({ client, source }, key, height), height, signed, silentWitnesses };
}

/** The parameters whose product is the time that stake is unbonding. */
const UNBONDING = ['unbondingSlots', 'slotMs'] as const;

async function bindTrust(parts: Omit<ReadProvedParts, 'clock'>, height: bigint): Promise<void> {
  const [slots, slotMs] = await Promise.all(
    UNBONDING.map(async (name) =>
      parameterFromState(name, await proveValue(parts, parameterStateKey(name), height)),
    ),
  );
  await parts.client.bindTrust(Number(slots! * slotMs!));
}

/** The value of a key at a height whose header is verified; null when the state holds none. */
async function proveValue(
  { client, source }: Omit<ReadProvedParts, 'clock'>,
  key: string,
  height: bigint,
): Promise<Uint8Array | null> {
  const refuse = (reason: string, cause?: unknown) =>
    new SdkError(
      { code: 'LIGHT_VALUE_REFUSED', source: source.name, key, height: height.toString(), reason },
      `What ${source.name} says of ${key} at height ${height} is refused: ${reason}.`,
      cause === undefined ? {} : { cause },
    );
  const { value, proof } = readAnswer(await source.proof(key, Number(height)), key, height, refuse);
  let isTrue: boolean;
  try {
    isTrue = await client.holds({ key, height, value, proof });
  } catch (error) {
    if (!(error instanceof CairnError) || error.name !== 'CoreError') throw error;
    throw refuse(`its proof cannot be read (${error.message})`, error);
  }
  if (!isTrue)
    throw refuse('the state root that was voted for does not hold it. The node lies or is damaged');
  return value;
}

/** The most that a record of the state may have: a model card. Bytes. */
const MAX_VALUE_BYTES = 1_048_576;

function readAnswer(
  answer: unknown,
  key: string,
  height: bigint,
  refuse: (reason: string) => SdkError,
): { readonly value: Uint8Array | null; readonly proof: unknown } {
  if (typeof answer !== 'object' || answer === null) throw refuse('it is no proof');
  const given = answer as Partial<Record<keyof ProofView, unknown>>;
  if (given.key !== key || given.height !== Number(height)) throw refuse('it is of another key or height');
  const { value, proof } = given;
  if (value === null) return { value: null, proof };
  if (typeof value !== 'string' || !/^([0-9a-f]{2})*$/.test(value))
    throw refuse('its value is no hexadecimal');
  if (value.length > 2 * MAX_VALUE_BYTES) throw refuse('its value is longer than any record');
  return { value: hexToBytes(value), proof };
}
