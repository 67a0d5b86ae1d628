import { CairnError } from '@cairn/core';
import { CALL_ERROR_CODES, type CallErrorCode, encodeCallFrame, type Stream } from '@cairn/protocol';
import { Refusal } from '../miner/refusal.ts';

/** An expected no to a caller: sent as an error frame, never thrown at an operator. */
export class CallRefusal extends Error {
  override readonly name = 'CallRefusal';
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a caller is told about an error; null when the caller is the one who left. */
export function errorToCallRefusal(error: unknown): CallRefusal | null {
  if (error instanceof CallRefusal) return error;
  if (error instanceof Refusal) return new CallRefusal(error.code, error.message, { cause: error });
  if (!(error instanceof CairnError))
    return new CallRefusal('ENGINE_FAILED', 'The provider failed. Try another one.', { cause: error });
  if (error.code === 'STREAM_ABORTED' || error.code === 'STREAM_CLOSED') return null;
  if (error.code === 'FRAME_MALFORMED' || error.code === 'FRAME_TOO_LARGE')
    return new CallRefusal('REQUEST_MALFORMED', error.message, { cause: error });
  if (error.code === 'FUNCTION_BUSY') return new CallRefusal('BUSY', error.message, { cause: error });
  const known = CALL_ERROR_CODES.find((code): code is CallErrorCode => code === error.code);
  return new CallRefusal(known ?? 'ENGINE_FAILED', error.message, { cause: error });
}

/** Tells a caller why not; when it is gone there is nobody to tell. */
export async function tellCaller(stream: Stream, { code, message }: CallRefusal): Promise<void> {
  try {
    await stream.write(
      encodeCallFrame({ type: 'error', code, message: message.slice(0, 1000).toWellFormed() }),
    );
    await stream.closeWrite();
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
}
