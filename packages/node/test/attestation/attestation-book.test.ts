import { accountIdToAddress, bytesToHex, utf8ToBytes } from '@cairn/core';
import { type Offer, offerTermsShape } from '@cairn/ledger';
import { createMemoryNetwork } from '@cairn/network';
import type { LedgerReader, SealingPublicKeys } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createAttestationBook } from '../../src/attestation/attestation-book.ts';
import { attestedDataOf } from '../../src/attestation/attested-data.ts';
import { fetchQuote, serveQuote } from '../../src/attestation/quote-exchange.ts';
import { systemTimer } from '../../src/real/timer.ts';
import { anOffer, aSigner, chainId } from '../miner/parts.ts';
import { aLog, crypto } from '../rpc/parts.ts';
import { aTdxQuote, TEST_ROOTS, type TestQuote } from './quotes.ts';

const NOW = Date.UTC(2030, 0, 1);
const provider = aSigner('an attested provider').account;
const keys: SealingPublicKeys = {
  x25519: crypto.sha256(utf8ToBytes('x25519')),
  xWing: new Uint8Array(1_216).fill(7),
};
const bound = attestedDataOf(crypto, { chainId, provider, sealing: keys });

/** A provider that shows a quote, and a gateway that looks at what its offer claims. */
async function aGateway({ quote, tier = 3 }: { readonly quote: TestQuote | null; readonly tier?: number }) {
  const network = createMemoryNetwork();
  const seat = network.join('provider');
  if (quote !== null) serveQuote({ transport: seat, timer: systemTimer }, aTdxQuote(quote));
  const transport = network.join('gateway');
  const log = aLog();
  const state = { keys, nowMs: NOW };
  const offer: Offer = anOffer(provider, 'provider', { tier });
  const row = {
    id: bytesToHex(new Uint8Array(32)),
    provider: accountIdToAddress(provider),
    ...(offerTermsShape.toJson(offer.terms) as object),
  };
  // One page of offers.
  const ledger = {
    query: async (_method: string, { after }: { after: string | null }) => (after === null ? [row] : []),
  } as unknown as LedgerReader;
  const book = createAttestationBook({
    ...{ crypto, chainId, ledger, log, roots: TEST_ROOTS },
    clock: { nowMs: () => state.nowMs },
    keysOf: async () => state.keys,
    fetchQuote: (peer) => fetchQuote({ transport, timer: systemTimer, log }, peer),
  });
  await book.refresh();
  return { book, offer, state, log };
}

describe('an offer that claims attested hardware', () => {
  it('is believed when the quote holds and vouches for the keys that requests are sealed to', async () => {
    const { book, offer } = await aGateway({ quote: { reportData: bound } });
    expect(book.isAttested(offer)).toBe(true);
    expect(await book.vouches(offer)).toBe(true);
  });

  it('is not believed without a quote, or with one that does not hold or vouches for other keys', async () => {
    for (const quote of [
      null,
      { reportData: bound, isDebugged: true },
      {},
      { reportData: bound.map((b) => b ^ 1) },
    ]) {
      const { book, offer } = await aGateway({ quote });
      expect(book.isAttested(offer)).toBe(false);
      expect(await book.vouches(offer)).toBe(false);
    }
  });

  it('is not asked for a quote where it claims none', async () => {
    const { book, offer } = await aGateway({ quote: { reportData: bound }, tier: 1 });
    expect(book.isAttested(offer)).toBe(false);
  });

  it('loses its badge at once when its keys change, and when nobody looks any more', async () => {
    const { book, offer, state } = await aGateway({ quote: { reportData: bound } });
    state.keys = { ...keys, x25519: new Uint8Array(32).fill(9) };
    expect(await book.vouches(offer)).toBe(false);
    await book.refresh();
    expect(book.isAttested(offer)).toBe(false);
    const other = await aGateway({ quote: { reportData: bound } });
    other.state.nowMs = NOW + 3_600_000;
    expect(other.book.isAttested(other.offer)).toBe(false);
  });
});
