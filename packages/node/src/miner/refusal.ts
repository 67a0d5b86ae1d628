import type { InferErrorCode } from '@cairn/protocol';

/** An expected no to a payer: sent as an error frame, never thrown at an operator. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: InferErrorCode;

  constructor(code: InferErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
