import { CairnError } from '@cairn/core';

/** What can go wrong between peers and on wires. Codes never change. */
export type ProtocolProblem =
  | { code: 'PEER_UNREACHABLE'; peer: string }
  | { code: 'PROTOCOL_UNSUPPORTED'; peer: string; protocol: string }
  | { code: 'PROTOCOL_TAKEN'; protocol: string }
  | { code: 'STREAM_ABORTED'; reason: string }
  | { code: 'STREAM_CLOSED' }
  | { code: 'FRAME_TOO_LARGE'; sizeBytes: number; maxBytes: number }
  | { code: 'FRAME_MALFORMED'; reason: string }
  | { code: 'SEAL_BROKEN'; reason: string }
  | { code: 'SEAL_TRUNCATED' }
  | { code: 'SEALING_KEY_UNFIT' }
  | { code: 'SEALING_KEY_UNKNOWN'; id: string };

export class ProtocolError extends CairnError<ProtocolProblem> {
  override readonly name = 'ProtocolError';
}
