import { CairnError } from '@cairn/core';
import { type DatasetErrorCode, encodeDatasetFrame, type Stream } from '@cairn/protocol';
import { errorToCallRefusal } from '../compute/call-refusal.ts';

/** An expected no to a buyer: sent as an error frame, never thrown at an operator. */
export class SaleRefusal extends Error {
  override readonly name = 'SaleRefusal';
  readonly code: DatasetErrorCode;

  constructor(code: DatasetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a buyer is told about an error; null when the buyer is the one who left. */
export function errorToSaleRefusal(error: unknown): SaleRefusal | null {
  if (error instanceof SaleRefusal) return error;
  const refusal = errorToCallRefusal(error);
  return refusal === null ? null : new SaleRefusal(refusal.code, refusal.message, { cause: error });
}

/** Tells a buyer why not; when it is gone there is nobody to tell. */
export async function tellBuyer(stream: Stream, { code, message }: SaleRefusal): Promise<void> {
  try {
    await stream.write(
      encodeDatasetFrame({ type: 'error', code, message: message.slice(0, 1000).toWellFormed() }),
    );
    await stream.closeWrite();
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
}
