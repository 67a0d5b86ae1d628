import type { Clock } from '@cairn/core';
import type { LedgerReader, PeerName } from '@cairn/protocol';
import { fetchPages } from '@cairn/sdk';

interface OfferView {
  readonly id: string;
  readonly peer: string;
}

/** Whether a peer has an offer on the ledger, which is read at most once per `freshMs`. */
export function createProviderCheck(
  { ledger, clock }: { readonly ledger: LedgerReader; readonly clock: Clock },
  freshMs = 10_000,
): (peer: PeerName) => Promise<boolean> {
  let last: { peers: Promise<ReadonlySet<PeerName>>; atMs: number } | null = null;

  async function read(): Promise<ReadonlySet<PeerName>> {
    const offers = await fetchPages<OfferView>(ledger, 'registry_offers');
    return new Set(offers.map(({ peer }) => peer));
  }

  return async (peer) => {
    if (last === null || clock.nowMs() - last.atMs >= freshMs) {
      const mine = { peers: read(), atMs: clock.nowMs() };
      last = mine;
      mine.peers.catch(() => {
        if (last === mine) last = null;
      });
    }
    return (await last.peers).has(peer);
  };
}
