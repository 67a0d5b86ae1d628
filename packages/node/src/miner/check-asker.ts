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
import { inferSignBytes, type OpenFrame } from '@cairn/protocol';
import type { PayeeChannel } from './earning.ts';
import { Refusal } from './refusal.ts';

/** Most keys of served requests that are remembered. */
const MAX_REMEMBERED_KEYS = 10_000;

/** Sees to it that who asks is who pays, and asks each thing once. */
export function createAskerCheck({ crypto, chainId }: { crypto: Crypto; chainId: Uint8Array }) {
  const served = new Set<string>();

  /** @throws Refusal `REQUEST_FORGED`, `REQUEST_REPLAYED`, `CHANNEL_UNKNOWN` */
  return async (
    open: Pick<OpenFrame, 'authorization' | 'idempotencyKey'>,
    requestHash: Uint8Array,
    channel: PayeeChannel,
  ): Promise<void> => {
    let proof: Authorization;
    try {
      proof = decode(authorizationShape, open.authorization);
    } catch (cause) {
      throw new Refusal('REQUEST_FORGED', 'The authorization of this request is malformed.', { cause });
    }
    const { channel: id } = channel.record;
    const payerKey = await channel.payerKey();
    const asked = inferSignBytes(chainId, id, requestHash, open.idempotencyKey);
    if (payerKey === null)
      throw new Refusal('CHANNEL_UNKNOWN', `There is no channel ${bytesToHex(id)} on this chain. Open one.`);
    const isPayer = areBytesEqual(authorizationAccount(crypto, proof), payerKey);
    if (!isPayer || !verifyAuthorization(crypto, proof, asked)) {
      throw new Refusal(
        'REQUEST_FORGED',
        `The payer of channel ${bytesToHex(id)} did not sign this request.`,
      );
    }
    const key = `${bytesToHex(id)}/${open.idempotencyKey}`;
    if (served.has(key)) {
      throw new Refusal('REQUEST_REPLAYED', `Key ${open.idempotencyKey} was served on this channel before.`);
    }
    served.add(key);
    if (served.size > MAX_REMEMBERED_KEYS) served.delete(served.values().next().value as string);
  };
}
