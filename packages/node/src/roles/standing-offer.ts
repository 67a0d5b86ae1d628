import type { Logger } from '@cairn/core';
import { type OfferTerms, offerIdOf } from '@cairn/ledger';
import { type AccountClient, SdkError } from '@cairn/sdk';
import { ensureOffer } from '../up/bootstrap.ts';
import type { NodeParts } from './parts.ts';

/** An offer on the ledger that stands as long as its node runs, and little longer. */
export interface StandingOffer {
  publish(): Promise<void>;
  /** Publishes it again when half of its time is over. */
  onBlock(height: number): Promise<void>;
  /** Takes it off the ledger; where that cannot be reached it ends by itself. */
  withdraw(): Promise<void>;
  /** Slot in which it ends as it stands now. */
  readonly expirySlot: bigint;
}

/** Slots for which an offer of a node that may leave stands: ten minutes of a public network. */
const OFFER_SLOTS = 600n;
const LOOK_EVERY_BLOCKS = 10;
/** Nobody waits longer for a node to stop. */
const WITHDRAW_MS = 5_000;

/** @param slots for how long it is published each time. */
export function createStandingOffer(
  parts: Pick<NodeParts, 'ledger' | 'crypto' | 'timer'> & { readonly log: Logger },
  client: AccountClient,
  terms: OfferTerms,
  slots = OFFER_SLOTS,
): StandingOffer {
  let expirySlot = 0n;

  async function slotNow(): Promise<bigint> {
    return BigInt((await parts.ledger.query<{ slot: string }>('governance_status', {})).slot);
  }

  async function publish(now: bigint): Promise<void> {
    await ensureOffer(parts, client, { ...terms, expirySlot: now + slots });
    expirySlot = now + slots;
  }

  return {
    get expirySlot() {
      return expirySlot;
    },
    publish: async () => publish(await slotNow()),
    async onBlock(height) {
      if (height % LOOK_EVERY_BLOCKS !== 0) return;
      const now = await slotNow();
      if (2n * (expirySlot - now) > slots) return;
      try {
        await publish(now);
      } catch (error) {
        if (!(error instanceof SdkError)) throw error;
        parts.log.warn('an offer could not be published again', { reason: error.message });
      }
    },
    async withdraw() {
      const offer = offerIdOf(parts.crypto, client.account, terms);
      const late = Promise.withResolvers<never>();
      const stop = parts.timer.schedule(WITHDRAW_MS, () =>
        late.reject(new Error('the ledger did not answer')),
      );
      try {
        await Promise.race([client.send('registry.withdrawOffer', { offer }), late.promise]);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        parts.log.warn('an offer was not withdrawn, it ends by itself', { expirySlot, reason });
      } finally {
        stop();
      }
    },
  };
}
