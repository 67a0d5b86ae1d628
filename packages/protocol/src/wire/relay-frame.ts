import { fromCbor, oneOf, type Reader, record, tagged, textUpTo, toCbor } from './cbor.ts';

/**
 * Name of the protocol by which a peer passes sealed frames on to a provider, so that the provider sees the relay's
 * address and not the asker's. After one frame each way the stream is the asker's stream to the provider.
 */
export const RELAY_PROTOCOL = '/cairn/relay/1';

/** Why a relay does not pass on. Codes never change. */
export const RELAY_ERROR_CODES = ['MALFORMED', 'UNREACHABLE', 'NOT_ALLOWED', 'BUSY'] as const;
export type RelayErrorCode = (typeof RELAY_ERROR_CODES)[number];

/** The first frame of the asker: whom it wants. */
export interface ForwardFrame {
  readonly type: 'forward';
  readonly peer: string;
}

/** The first frame of the relay. */
export type RelayAnswerFrame =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly code: RelayErrorCode; readonly message: string };

/** A peer name has at most 200 bytes. */
const MAX_FORWARD_BYTES = 256;
const MAX_ANSWER_BYTES = 2048;

const forwardReader: Reader<ForwardFrame> = record({ type: oneOf('forward'), peer: textUpTo(200) });
const answerReader: Reader<RelayAnswerFrame> = tagged({
  ready: record({ type: oneOf('ready') }),
  refused: record({ type: oneOf('refused'), code: oneOf(...RELAY_ERROR_CODES), message: textUpTo(500) }),
});

export function encodeRelayFrame(frame: ForwardFrame | RelayAnswerFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeForwardFrame(bytes: Uint8Array): ForwardFrame {
  return fromCbor(bytes, MAX_FORWARD_BYTES, forwardReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeRelayAnswerFrame(bytes: Uint8Array): RelayAnswerFrame {
  return fromCbor(bytes, MAX_ANSWER_BYTES, answerReader);
}
