import { CairnError, type Crypto, type Logger } from '@cairn/core';
import type { LedgerReader, PeerName, Timer, Transport } from '@cairn/protocol';
import { fetchBlob } from '../blobs/fetch-blob.ts';
import { fetchPeersOf } from './judges.ts';

export interface BlobFinderParts {
  readonly crypto: Crypto;
  readonly timer: Timer;
  readonly transport: Transport;
  readonly ledger: Pick<LedgerReader, 'query'>;
  /** Nodes that this one joined. */
  readonly nodes: readonly PeerName[];
  readonly log: Logger;
}

/** Fetches blobs by hash, from a peer or from wherever an account is reached. */
export interface BlobFinder {
  fetch(peer: PeerName, id: string): Promise<Uint8Array | null>;
  /** Null: nobody there has it. */
  fetchFrom(account: string, id: string): Promise<Uint8Array | null>;
}

export function createBlobFinder(parts: BlobFinderParts): BlobFinder {
  const { ledger, nodes, log } = parts;
  const fetch = (peer: PeerName, id: string) => fetchBlob(parts, peer, id);
  return {
    fetch,
    async fetchFrom(account, id) {
      for (const peer of await fetchPeersOf(ledger, nodes, account)) {
        try {
          const bytes = await fetch(peer, id);
          if (bytes !== null) return bytes;
        } catch (error) {
          if (!(error instanceof CairnError)) throw error;
          log.debug('a blob was not had from a peer', { peer, id, code: error.code });
        }
      }
      return null;
    },
  };
}
