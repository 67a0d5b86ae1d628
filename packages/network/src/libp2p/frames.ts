import { MAX_FRAME_BYTES } from '@cairn/protocol';

/**
 * A frame on the wire: four bytes, big-endian, then the body. The two highest bits say what it is, the others how
 * long the body is. An end is said, never inferred, so that a cut connection does not look like a whole answer.
 * `credit` has no body: its number is the bytes that the reader has taken out and the writer may send again.
 */
const HEADER_BYTES = 4;
const KINDS = ['data', 'end', 'abort', 'credit'] as const;
type Kind = (typeof KINDS)[number];

/** Longest reason of an abort, in bytes of UTF-8. */
const MAX_REASON_BYTES = 200;
/** Bytes a frame may take at first; more when they have arrived. */
const FIRST_BYTES = 4096;

export type WireFrame =
  | { readonly kind: 'data' | 'end' | 'abort'; readonly body: Uint8Array }
  | { readonly kind: 'credit'; readonly bytes: number };

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function withHeader(kind: Kind, value: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, ((KINDS.indexOf(kind) << 30) | value) >>> 0);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

export function encodeData(frame: Uint8Array): Uint8Array {
  return withHeader('data', frame.length, frame);
}

export function encodeEnd(): Uint8Array {
  return withHeader('end', 0, EMPTY);
}

export function encodeCredit(bytes: number): Uint8Array {
  return withHeader('credit', bytes, EMPTY);
}

export function encodeAbort(reason: string): Uint8Array {
  const bytes = new Uint8Array(MAX_REASON_BYTES);
  const { written } = encoder.encodeInto(reason, bytes);
  return withHeader('abort', written, bytes.subarray(0, written));
}

/** The reason a stranger gave, without anything that moves a terminal's cursor. */
export function reasonOf(body: Uint8Array): string {
  return decoder.decode(body).replace(/\p{C}/gu, '?').slice(0, MAX_REASON_BYTES) || 'no reason was given';
}

/** Puts frames together from the pieces in which they arrive. */
export interface FrameReader {
  /**
   * Calls `take` for each frame that this piece completes.
   *
   * @throws RangeError what is wrong, when the bytes are no frames.
   */
  push(piece: Uint8Array, take: (frame: WireFrame) => void): void;
  /** Whether a frame has begun and is not whole yet. */
  readonly isPartial: boolean;
  /** Bytes taken for a frame that is not whole yet: at most twice what has arrived of it. */
  readonly takenBytes: number;
}

export function createFrameReader(): FrameReader {
  const head = new Uint8Array(HEADER_BYTES);
  const headView = new DataView(head.buffer);
  let headBytes = 0;
  let kind: 'data' | 'abort' = 'data';
  let body: Uint8Array | null = null;
  let bodyBytes = 0;
  let arrivedBytes = 0;

  /** The frame when the header is all of it; null when a body follows. */
  function openFrame(): WireFrame | null {
    headBytes = 0;
    const word = headView.getUint32(0);
    const value = word & 0x3fffffff;
    const said = KINDS[word >>> 30];
    if (said === 'credit') return { kind: 'credit', bytes: value };
    if (said === 'end') {
      if (value !== 0) throw new RangeError('the bytes are no frames');
      return { kind: 'end', body: EMPTY };
    }
    kind = said === 'abort' ? 'abort' : 'data';
    const maxBytes = kind === 'data' ? MAX_FRAME_BYTES : MAX_REASON_BYTES;
    if (value > maxBytes) {
      throw new RangeError(`a frame was announced with ${value} bytes; at most ${maxBytes} fit`);
    }
    if (value === 0) return { kind, body: EMPTY };
    bodyBytes = value;
    arrivedBytes = 0;
    body = EMPTY;
    return null;
  }

  function grow(held: Uint8Array, needBytes: number): Uint8Array {
    if (held.length >= needBytes) return held;
    const larger = new Uint8Array(Math.min(bodyBytes, Math.max(needBytes, held.length * 2, FIRST_BYTES)));
    larger.set(held.subarray(0, arrivedBytes));
    return larger;
  }

  return {
    push(piece, take) {
      let at = 0;
      while (at < piece.length) {
        if (body === null) {
          const part = piece.subarray(at, at + HEADER_BYTES - headBytes);
          head.set(part, headBytes);
          headBytes += part.length;
          at += part.length;
          if (headBytes < HEADER_BYTES) return;
          const frame = openFrame();
          if (frame !== null) take(frame);
          continue;
        }
        const part = piece.subarray(at, at + bodyBytes - arrivedBytes);
        body = grow(body, arrivedBytes + part.length);
        body.set(part, arrivedBytes);
        arrivedBytes += part.length;
        at += part.length;
        if (arrivedBytes < bodyBytes) return;
        const whole = body;
        body = null;
        take({ kind, body: whole });
      }
    },
    get isPartial() {
      return headBytes > 0 || body !== null;
    },
    get takenBytes() {
      return body?.length ?? 0;
    },
  };
}
