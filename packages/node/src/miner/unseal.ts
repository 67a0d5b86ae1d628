import { type AccountId, areBytesEqual, type Crypto, type Random } from '@cairn/core';
import {
  type OpenFrame,
  openRequest,
  type SealCrypto,
  type SealedOpenFrame,
  type SealingKey,
  type Stream,
  sealWrites,
  showWrites,
} from '@cairn/protocol';
import { Refusal } from './refusal.ts';

/** What a miner opens sealed requests with. */
export interface MinerSealing {
  readonly crypto: SealCrypto;
  /** The account whose record on the ledger names the keys. */
  readonly provider: AccountId;
  readonly random: Random;
  /** The newest first; those before it until the offers that stood with them have expired. */
  readonly keys: () => readonly SealingKey[];
}

export interface UnsealParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  /** Absent: only requests in clear are taken. */
  readonly seal?: MinerSealing;
}

/** A request before its body is read: enough to find model and payer without spending work on a stranger. */
export interface AskedRequest<Body> {
  /** What is asked for. */
  readonly subject: Uint8Array;
  readonly requestHash: Uint8Array;
  /** The body, and the stream on which to answer it. @throws ProtocolError, Refusal */
  read(channel: Uint8Array, stream: Stream): { readonly body: Body; readonly stream: Stream };
}

/** How the body of a protocol is read, and what it asks for: the 32 bytes that a sealed one is bound to. */
export interface BodyReader<Body> {
  /** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
  readonly decode: (bytes: Uint8Array) => Body;
  readonly subjectOf: (body: Body) => Uint8Array;
  /** Whether its answer goes through a hub, which is shown what it pays for. @default none does */
  readonly isThroughHub?: (body: Body) => boolean;
}

/** @throws ProtocolError `FRAME_MALFORMED` */
export function askedRequest<Body>(
  parts: UnsealParts,
  { decode, subjectOf, isThroughHub = () => false }: BodyReader<Body>,
  open: OpenFrame | SealedOpenFrame,
): AskedRequest<Body> {
  if (open.type === 'open') {
    const body = decode(open.body);
    const requestHash = parts.crypto.sha256(open.body);
    return { subject: subjectOf(body), requestHash, read: (_, stream) => ({ body, stream }) };
  }
  const { artifact: subject, requestHash, sealed } = open;
  return {
    subject,
    requestHash,
    read(channel, stream) {
      const { seal } = parts;
      if (seal === undefined) {
        throw new Refusal('SEALING_KEY_UNKNOWN', 'This provider has no sealing key. Read its record again.');
      }
      const binding = {
        chainId: parts.chainId,
        provider: seal.provider,
        channel,
        requestHash,
        artifact: subject,
      };
      const opened = openRequest(seal.crypto, seal.keys(), binding, sealed);
      const sealer = opened.sealer(seal.random.bytes(32));
      if (!areBytesEqual(parts.crypto.sha256(opened.body), requestHash)) {
        throw new Refusal('REQUEST_MALFORMED', 'The sealed body has another hash than the payer signed.');
      }
      const body = decode(opened.body);
      if (!areBytesEqual(subjectOf(body), subject)) {
        throw new Refusal('REQUEST_MALFORMED', 'The sealed body asks for something else.');
      }
      return {
        body,
        stream: isThroughHub(body) ? showWrites(stream, sealer) : sealWrites(stream, sealer),
      };
    },
  };
}
