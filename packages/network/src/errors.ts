import { CairnError } from '@cairn/core';

/** One address that was tried, and why it did not work. */
export interface Attempt {
  /** Who named the address. */
  readonly source: 'configured' | 'last good' | 'ledger';
  readonly address: string;
  readonly reason: string;
}

/** What can go wrong with the host of a peer. Codes never change. */
export type NetworkProblem =
  | { code: 'NO_PEER_REACHED'; attempts: readonly Attempt[] }
  | { code: 'IDENTITY_MALFORMED'; reason: string }
  | { code: 'ADDRESS_MALFORMED'; address: string }
  | { code: 'LISTEN_FAILED'; addresses: readonly string[]; reason: string };

export class NetworkError extends CairnError<NetworkProblem> {
  override readonly name = 'NetworkError';
}
