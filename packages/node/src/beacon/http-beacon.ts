import { hexToBytes, type Logger, PULSE_BYTES } from '@cairn/core';
import type { BeaconSource } from './beacon-source.ts';

export interface HttpBeaconOptions {
  /** Where a chain of drand's public HTTP API begins, up to and with its hash; asked in this order. */
  readonly urls: readonly string[];
  /** Longest wait for one answer. Milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
}

/** A pulse is about 300 bytes of JSON. */
const MAX_ANSWER_BYTES = 4_096;

/** Pulses from drand's public HTTP API: `<url>/public/<round>`. */
export function createHttpBeacon(
  { log }: { readonly log: Logger },
  { urls, timeoutMs = 5_000 }: HttpBeaconOptions,
): BeaconSource {
  return {
    async pulse(round, signal) {
      for (const url of urls) {
        try {
          const found = await ask(`${url.replace(/\/+$/, '')}/public/${round}`, round, timeoutMs, signal);
          if (found !== null) return found;
        } catch (error) {
          if (signal.aborted) return null;
          log.debug('a source of the beacon failed', { url, round, error: String(error) });
        }
      }
      return null;
    },
  };
}

async function ask(
  url: string,
  round: bigint,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  if (!response.ok) {
    // A round that is not out yet answers 404 or 425.
    await response.body?.cancel();
    return null;
  }
  return parsePulse(await readBounded(response), round);
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`The answer is longer than ${MAX_ANSWER_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The signature in an answer of drand's API; null when it is of another round or none. */
export function parsePulse(text: string, round: bigint): Uint8Array | null {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null) return null;
  const { round: given, signature } = answer as { readonly round?: unknown; readonly signature?: unknown };
  if (given !== Number(round) || typeof signature !== 'string') return null;
  return /^[0-9a-f]+$/.test(signature) && signature.length === 2 * PULSE_BYTES ? hexToBytes(signature) : null;
}
