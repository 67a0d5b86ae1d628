import { ChainError } from '../errors.ts';

/** Largest message, as CometBFT bounds its own: 100 MiB. */
export const MAX_FRAME_BYTES = 104_857_600;
/** Bytes of a length: 35 bits are more than any length that is allowed. */
const MAX_LENGTH_BYTES = 5;

/** A message with its length before it, as an unsigned varint. */
export function frameOf(message: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = message.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) head.push((rest % 128) + 128);
  head.push(rest);
  const frame = new Uint8Array(head.length + message.length);
  frame.set(head);
  frame.set(message, head.length);
  return frame;
}

/** Cuts a byte stream into messages. */
export interface FrameReader {
  /** Bytes of all messages that were completed, with their lengths: where the one in hand begins. */
  readonly consumedBytes: number;
  /** The messages that `chunk` completes. @throws ChainError `ABCI_FRAME_INVALID`, and again for every later chunk */
  push(chunk: Uint8Array): Uint8Array[];
}

/** Memory is taken for bytes that came, not for a length that was announced. */
export function createFrameReader(maxBytes = MAX_FRAME_BYTES): FrameReader {
  let length = 0;
  let lengthBytes = 0;
  let isLengthKnown = false;
  let parts: Uint8Array[] = [];
  let missing = 0;
  let consumedBytes = 0;
  let fault: ChainError | null = null;

  function refuse(reason: string): ChainError {
    fault = new ChainError({ code: 'ABCI_FRAME_INVALID', reason }, `An ABCI message was refused: ${reason}.`);
    return fault;
  }

  function readLength(byte: number): void {
    length += (byte % 128) * 128 ** lengthBytes;
    lengthBytes += 1;
    if (byte < 128) {
      if (length > maxBytes) throw refuse(`${length} bytes were announced, at most ${maxBytes} are read`);
      if (byte === 0 && lengthBytes > 1) throw refuse('its length is not written the short way');
      isLengthKnown = true;
      missing = length;
    } else if (lengthBytes === MAX_LENGTH_BYTES) {
      throw refuse(`its length has more than ${MAX_LENGTH_BYTES} bytes`);
    }
  }

  function take(): Uint8Array {
    const message = parts.length === 1 ? parts[0]! : join(parts, length);
    consumedBytes += lengthBytes + length;
    parts = [];
    length = 0;
    lengthBytes = 0;
    isLengthKnown = false;
    return message;
  }

  return {
    get consumedBytes() {
      return consumedBytes;
    },
    push(chunk) {
      if (fault !== null) throw fault;
      const messages: Uint8Array[] = [];
      let at = 0;
      while (at < chunk.length) {
        if (!isLengthKnown) {
          readLength(chunk[at]!);
          at += 1;
        } else {
          const part = chunk.subarray(at, at + missing);
          parts.push(part);
          missing -= part.length;
          at += part.length;
        }
        if (isLengthKnown && missing === 0) messages.push(take());
      }
      return messages;
    },
  };
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
