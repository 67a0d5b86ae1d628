import { bytesToHex, utf8ToBytes } from '@cairn/core';

/** Ways to pay a Cairn gateway by x402. Both hold at most a stated amount and settle what was used. */
export const X402_SCHEMES = ['upto', 'batch-settlement'] as const;
export type X402Scheme = (typeof X402_SCHEMES)[number];

export const X402_VERSION = 2;
/** Amounts are pebbles. */
export const X402_ASSET = 'CAIRN';

export interface X402Requirements {
  readonly scheme: string;
  readonly network: string;
  readonly asset: string;
  /** Most pebbles, decimal. */
  readonly amount: string;
  /** Address. */
  readonly payTo: string;
  readonly maxTimeoutSeconds: number;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface X402Required {
  readonly x402Version: number;
  readonly error?: string;
  readonly resource: { readonly url: string; readonly description?: string };
  readonly accepts: readonly X402Requirements[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface X402Payment {
  readonly x402Version: number;
  readonly accepted: X402Requirements;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface X402Settled {
  readonly success: boolean;
  readonly errorReason?: string;
  readonly payer?: string;
  readonly transaction: string;
  readonly network: string;
  /** Pebbles that were charged, decimal. */
  readonly amount?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Name of a chain in CAIP-2, which leaves room for the first half of its id. */
export function x402Network(chainId: Uint8Array): string {
  return `cairn:${bytesToHex(chainId.subarray(0, 16))}`;
}

/** Whether a value is a whole number of pebbles as x402 writes it. */
export function isPebbles(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,18}$/.test(value);
}

const MOST_HEADER = 16 * 1024;

/** A value as x402's headers carry it. */
export function encodeX402(value: object): string {
  return btoa(String.fromCharCode(...utf8ToBytes(JSON.stringify(value))));
}

/** What an x402 header carries; null when it is no JSON object. */
export function decodeX402(header: string): Readonly<Record<string, unknown>> | null {
  if (header.length > MOST_HEADER) return null;
  try {
    const bytes = Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
