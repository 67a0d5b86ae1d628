import {
  type Authorization,
  areBytesEqual,
  authorizationAccount,
  authorizationShape,
  bytesToHex,
  type Crypto,
  decode,
  verifyAuthorization,
} from '@cairn/core';
import {
  decodeClientFrame,
  inferSignBytes,
  type OpenFrame,
  type SealedOpenFrame,
  type Stream,
  type Timer,
} from '@cairn/protocol';
import type { PayeeChannel } from '../miner/earning.ts';
import { CallRefusal } from './call-refusal.ts';

const MAX_REMEMBERED_KEYS = 10_000;

/** @throws CallRefusal `REQUEST_MALFORMED` */
export async function readOpen(
  { timer }: { readonly timer: Timer },
  stream: Stream,
  timeoutMs: number,
): Promise<OpenFrame | SealedOpenFrame> {
  const stop = timer.schedule(timeoutMs, () => stream.abort('no request came'));
  try {
    const bytes = await stream.read();
    const frame = bytes === null ? null : decodeClientFrame(bytes);
    if (frame?.type !== 'open' && frame?.type !== 'sealed-open')
      throw new CallRefusal('REQUEST_MALFORMED', 'A request starts with an open frame.');
    return frame;
  } finally {
    stop();
  }
}

/** Checks that the payer of a channel asks, and asks this once. */
export function createCallerCheck({
  crypto,
  chainId,
}: {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
}) {
  const served = new Set<string>();
  /** @throws CallRefusal `REQUEST_FORGED`, `REQUEST_REPLAYED`, `CHANNEL_UNKNOWN` */
  return async (
    open: Pick<OpenFrame, 'authorization' | 'idempotencyKey'>,
    requestHash: Uint8Array,
    channel: PayeeChannel,
  ): Promise<void> => {
    const { channel: id } = channel.record;
    const hex = bytesToHex(id);
    let proof: Authorization;
    try {
      proof = decode(authorizationShape, open.authorization);
    } catch (cause) {
      throw new CallRefusal('REQUEST_FORGED', 'The authorization of this call is malformed.', { cause });
    }
    const payerKey = await channel.payerKey();
    if (payerKey === null)
      throw new CallRefusal('CHANNEL_UNKNOWN', `There is no channel ${hex} on this chain. Open one.`);
    const asked = inferSignBytes(chainId, id, requestHash, open.idempotencyKey);
    const isPayer = areBytesEqual(authorizationAccount(crypto, proof), payerKey);
    if (!isPayer || !verifyAuthorization(crypto, proof, asked))
      throw new CallRefusal('REQUEST_FORGED', `The payer of channel ${hex} did not sign this call.`);
    const key = `${hex}/${open.idempotencyKey}`;
    if (served.has(key))
      throw new CallRefusal(
        'REQUEST_REPLAYED',
        `Key ${open.idempotencyKey} was served on this channel before.`,
      );
    served.add(key);
    if (served.size > MAX_REMEMBERED_KEYS) served.delete(served.values().next().value as string);
  };
}
