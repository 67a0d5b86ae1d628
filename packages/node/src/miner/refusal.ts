import { CairnError } from '@cairn/core';
import {
  encodeFrame,
  INFER_ERROR_CODES,
  type InferErrorCode,
  type ServerFrame,
  type Stream,
} from '@cairn/protocol';

/** An expected no to a payer: sent as an error frame, never thrown at an operator. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: InferErrorCode;

  constructor(code: InferErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Tells a payer why not; when it is gone there is nobody to tell. */
export async function tell(stream: Stream, { code, message }: Refusal): Promise<void> {
  const frame: ServerFrame = { type: 'error', code, message: message.slice(0, 1000) };
  try {
    await stream.write(encodeFrame(frame));
    await stream.closeWrite();
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
}

/** What a payer is told about an error; null when the payer is the one who left. */
export function errorToRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (!(error instanceof CairnError))
    return new Refusal('ENGINE_FAILED', 'The provider failed. Try another one.', { cause: error });
  if (error.code === 'STREAM_ABORTED' || error.code === 'STREAM_CLOSED') return null;
  if (error.code === 'FRAME_MALFORMED' || error.code === 'FRAME_TOO_LARGE') {
    return new Refusal('REQUEST_MALFORMED', error.message, { cause: error });
  }
  const known = INFER_ERROR_CODES.find((code): code is InferErrorCode => code === error.code);
  return new Refusal(known ?? 'ENGINE_FAILED', error.message, { cause: error });
}
