import { accountIdToAddress } from '@cairn/core';
import { type OfferTerms, offerTermsShape } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { createStandingOffer } from '../../src/roles/standing-offer.ts';
import { anOffer, aSigner, aTown, crypto } from '../miner/parts.ts';

const { account } = aSigner('miner');

/** A ledger that holds one offer. */
async function aLedger() {
  const { log, timer } = await aTown();
  let slot = 100n;
  let standing: OfferTerms | null = null;
  let isReachable = true;
  const sent: string[] = [];
  const ledger = {
    async query(method: string, { after = null }: { after?: string | null } = {}) {
      if (method === 'governance_status') return { slot: slot.toString() };
      return standing === null || after !== null
        ? []
        : [
            {
              id: 'x',
              provider: accountIdToAddress(account),
              ...(offerTermsShape.toJson(standing) as object),
            },
          ];
    },
  } as unknown as LedgerReader;
  const client = {
    account,
    async send(message: string, value: { terms?: OfferTerms }) {
      sent.push(message);
      if (!isReachable) return new Promise(() => undefined);
      standing = value.terms ?? null;
    },
  } as unknown as AccountClient;
  const offer = createStandingOffer(
    { ledger: ledger as never, crypto, timer, log },
    client,
    anOffer(account, 'peer').terms,
    100n,
  );
  return {
    ...{ offer, sent, timer },
    advance: (slots: bigint) => {
      slot += slots;
    },
    leave: () => {
      isReachable = false;
    },
    standing: () => standing,
  };
}

describe('an offer of a node that may leave', () => {
  it('stands for a short time and is published again while the node runs', async () => {
    const { offer, sent, advance, standing } = await aLedger();
    await offer.publish();
    expect(standing()!.expirySlot).toBe(200n);
    advance(40n);
    await offer.onBlock(10);
    expect(standing()!.expirySlot).toBe(200n);
    advance(20n);
    await offer.onBlock(11);
    expect(standing()!.expirySlot).toBe(200n);
    await offer.onBlock(20);
    expect([standing()!.expirySlot, offer.expirySlot]).toEqual([260n, 260n]);
    expect(sent).toHaveLength(2);
  });

  it('is withdrawn when the node stops', async () => {
    const { offer, standing, timer } = await aLedger();
    await offer.publish();
    await offer.withdraw();
    expect(standing()).toBeNull();
    expect(timer.waiting).toBe(0);
  });

  it('holds nobody up where the ledger is gone', async () => {
    const { offer, leave, timer } = await aLedger();
    await offer.publish();
    leave();
    const withdrawn = offer.withdraw();
    await timer.fire();
    await withdrawn;
    expect(timer.waiting).toBe(0);
  });
});
