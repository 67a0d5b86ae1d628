import type { Crypto } from '@cairn/core';
import { SANDBOX_FAULTS, type SandboxFault } from '../ports/sandbox.ts';
import {
  bytesUpTo,
  fromCbor,
  nullable,
  oneOf,
  type Reader,
  record,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';

/** Largest input of a call, and largest output, in bytes. */
export const MAX_CALL_BYTES = 1024 * 1024;
const MAX_COUNT = 0xffff_ffff;

/** A call of a deployed function. Travels as one byte string, so that it can be hashed and sealed whole. */
export interface CallBody {
  readonly deployment: Uint8Array;
  readonly input: Uint8Array;
  /** Most units of work the caller pays for. */
  readonly maxWork: number;
  /** 16 random bytes: equal calls have different hashes. */
  readonly salt: Uint8Array;
}

/** What came of a call. A fault of the function is an answer too: its work was done. */
export interface CallAnswer {
  /** Null: it answered. */
  readonly fault: SandboxFault | null;
  readonly message: string;
  readonly output: Uint8Array;
  /** Units of measured work: milliseconds of CPU time. */
  readonly work: number;
  /** How long the call waited for an instance. */
  readonly queuedMs: number;
  /** How long its instance took to start; 0: it was warm. */
  readonly coldStartMs: number;
}

const bodyReader: Reader<CallBody> = record({
  deployment: bytesUpTo(32, 32),
  input: bytesUpTo(MAX_CALL_BYTES),
  maxWork: wholeUpTo(86_400_000, 1),
  salt: bytesUpTo(16, 16),
});

const answerReader: Reader<CallAnswer> = record({
  fault: nullable(oneOf(...SANDBOX_FAULTS)),
  message: textUpTo(1000),
  output: bytesUpTo(MAX_CALL_BYTES),
  work: wholeUpTo(MAX_COUNT),
  queuedMs: wholeUpTo(MAX_COUNT),
  coldStartMs: wholeUpTo(MAX_COUNT),
});

const MAX_OVERHEAD_BYTES = 8 * 1024;

export function encodeCallBody(body: CallBody): Uint8Array {
  return toCbor(body);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeCallBody(bytes: Uint8Array): CallBody {
  return fromCbor(bytes, MAX_CALL_BYTES + MAX_OVERHEAD_BYTES, bodyReader);
}

export function encodeCallAnswer(answer: CallAnswer): Uint8Array {
  return toCbor(answer);
}

/** Largest encoded answer. */
export const MAX_CALL_ANSWER_BYTES = MAX_CALL_BYTES + MAX_OVERHEAD_BYTES;

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeCallAnswer(bytes: Uint8Array): CallAnswer {
  return fromCbor(bytes, MAX_CALL_ANSWER_BYTES, answerReader);
}

/** Hash of a call's limits, as it stands on the receipt. */
export function hashCallParams(crypto: Crypto, { maxWork }: Pick<CallBody, 'maxWork'>): Uint8Array {
  return crypto.sha256(toCbor({ maxWork }));
}

/** KiB of an input, begun ones counted: what offers price as input. */
export function inputUnits(input: Uint8Array): number {
  return (input.length + 1023) >>> 10;
}
