import type { PeerName, Stream } from '@cairn/protocol';
import type { Payment } from '../channels/payment.ts';
import type { InferParts, InferRequest } from './infer.ts';

/** Reaches a peer while the voucher to open with is made and written to disk. */
export async function dialAndOpen(
  { transport }: Pick<InferParts, 'transport'>,
  { idempotencyKey, signal }: InferRequest,
  peer: PeerName,
  protocol: string,
  payment: Payment,
): Promise<{
  readonly dialled: Stream;
  readonly opening: {
    readonly voucher: Uint8Array;
    readonly authorization: Uint8Array;
    readonly idempotencyKey: string;
  };
}> {
  const [dial, opened] = await Promise.allSettled([
    transport.dial(peer, protocol, signal === undefined ? {} : { signal }),
    payment.open(idempotencyKey),
  ]);
  if (dial.status === 'fulfilled' && opened.status === 'fulfilled')
    return { dialled: dial.value, opening: { ...opened.value, idempotencyKey } };
  if (dial.status === 'fulfilled') dial.value.abort('it cannot be paid');
  await payment.abandon();
  throw dial.status === 'rejected' ? dial.reason : (opened as PromiseRejectedResult).reason;
}
