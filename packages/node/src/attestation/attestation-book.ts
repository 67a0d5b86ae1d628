import {
  type AccountId,
  accountIdToAddress,
  areBytesEqual,
  type Clock,
  type Crypto,
  type Logger,
} from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { LedgerReader, PeerName, SealingPublicKeys } from '@cairn/protocol';
import { fetchOffers } from '../validator/subnet-view.ts';
import { isBoundTo } from './attested-data.ts';
import { checkQuote } from './check-quote.ts';
import type { VendorRoots } from './vendor-roots.ts';

/** The tier that an offer claims with a quote. */
const ATTESTED_TIER = 3;
/** For how long a quote that held is believed without another look. */
const FRESH_MS = 600_000;
/** Most providers whose quotes are kept in mind. */
const MOST_KEPT = 4_096;

export interface AttestationBookParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly chainId: Uint8Array;
  readonly ledger: LedgerReader;
  /** The quote that a provider shows; null: none. */
  readonly fetchQuote: (peer: PeerName) => Promise<Uint8Array | null>;
  /** Keys on the ledger that requests to a provider are sealed to. */
  readonly keysOf: (provider: AccountId) => Promise<SealingPublicKeys | null>;
  readonly roots: VendorRoots;
  readonly log: Logger;
}

/** Providers whose hardware was checked here: what an offer claims by itself counts for nothing. */
export interface AttestationBook {
  /** Whether the keys on the ledger, that a request would be sealed to, are vouched for by hardware. */
  isAttested(offer: Offer): boolean;
  /** Looks at the quotes of all offers that claim one. */
  refresh(): Promise<void>;
}

export function createAttestationBook(parts: AttestationBookParts): AttestationBook {
  const { crypto, clock, chainId, log } = parts;
  const held = new Map<string, { readonly sealing: SealingPublicKeys; readonly atMs: number }>();

  async function check({ provider, terms }: Offer): Promise<void> {
    const address = accountIdToAddress(provider);
    const sealing = await parts.keysOf(provider);
    const known = held.get(address);
    const isKnown = known !== undefined && sealing !== null && areSame(known.sealing, sealing);
    if (isKnown && clock.nowMs() - known.atMs < FRESH_MS) return;
    held.delete(address);
    const quote = sealing === null ? null : await parts.fetchQuote(terms.peer);
    if (quote === null || sealing === null) {
      log.info('an offer claims attested hardware and shows none', { provider: address });
      return;
    }
    const checked = checkQuote(quote, parts.roots, clock.nowMs());
    const reason = !checked.ok
      ? checked.reason
      : isBoundTo(crypto, checked.report.reportData, { chainId, provider, sealing })
        ? null
        : 'it vouches for other keys';
    if (reason !== null) {
      log.warn('an offer claims attested hardware that does not hold', { provider: address, reason });
      return;
    }
    held.set(address, { sealing, atMs: clock.nowMs() });
    if (held.size > MOST_KEPT) held.delete(held.keys().next().value as string);
  }

  return {
    isAttested: ({ provider, terms }) => {
      const found = held.get(accountIdToAddress(provider));
      return terms.tier === ATTESTED_TIER && found !== undefined && clock.nowMs() - found.atMs < 2 * FRESH_MS;
    },
    async refresh() {
      const claimed = (await fetchOffers(parts.ledger)).filter(({ terms }) => terms.tier === ATTESTED_TIER);
      await Promise.all(claimed.slice(0, MOST_KEPT).map(check));
    },
  };
}

const areSame = (one: SealingPublicKeys, other: SealingPublicKeys): boolean =>
  areBytesEqual(one.x25519, other.x25519) && areBytesEqual(one.xWing, other.xWing);
