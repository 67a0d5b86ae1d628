import { accountIdToAddress, type Logger } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { fetchOffers } from '../validator/subnet-view.ts';

export interface QualityBookParts {
  readonly ledger: LedgerReader;
  readonly log: Logger;
  /**
   * Asks a provider nobody has scored yet a question with a known answer. True: it was right; null: its model has
   * no such question.
   */
  readonly probe: (offer: Offer) => Promise<boolean | null>;
}

/** What is known of how good each provider is. */
export interface QualityBook {
  /** From 0 to 1, compared with the best of its subnet; null when nothing is known. */
  of(offer: Offer): number | null;
  /** Looks at the ledger's scores again, and probes newcomers where there are none. */
  refresh(): Promise<void>;
}

/** Most newcomers asked: each question opens a channel, and offers cost next to nothing. */
const MAX_PROBED = 32;

interface MetagraphRow {
  readonly neurons: readonly { hotkey: string; incentive: number }[];
}

/** Quality as validators measured it; before the first epoch, by a question with a known answer. */
export function createQualityBook({ ledger, log, probe }: QualityBookParts): QualityBook {
  /** Address → incentive relative to the best, for subnets that have scores. */
  const measured = new Map<number, ReadonlyMap<string, number>>();
  const probed = new Map<string, boolean | null>();
  const keyOf = ({ provider, terms }: Offer) =>
    `${accountIdToAddress(provider)}/${terms.netuid}/${terms.peer}`;

  async function readScores(netuid: number): Promise<void> {
    const metagraph = await ledger.query<MetagraphRow | null>('subnets_metagraph', { netuid });
    const best = Math.max(0, ...(metagraph?.neurons ?? []).map(({ incentive }) => incentive));
    if (metagraph === null || best === 0) measured.delete(netuid);
    else
      measured.set(
        netuid,
        new Map(metagraph.neurons.map(({ hotkey, incentive }) => [hotkey, incentive / best])),
      );
  }

  async function probeNewcomer(offer: Offer): Promise<void> {
    const key = keyOf(offer);
    if (probed.has(key) || probed.size >= MAX_PROBED) return;
    probed.set(key, null);
    try {
      const verdict = await probe(offer);
      probed.set(key, verdict);
      if (verdict === false)
        log.warn('a provider failed the known question', { provider: accountIdToAddress(offer.provider) });
    } catch (error) {
      probed.set(key, false);
      log.warn('a provider could not be asked', {
        provider: accountIdToAddress(offer.provider),
        error: String(error),
      });
    }
  }

  return {
    of(offer) {
      const scores = measured.get(offer.terms.netuid);
      if (scores !== undefined) return scores.get(accountIdToAddress(offer.provider)) ?? 0;
      const verdict = probed.get(keyOf(offer)) ?? null;
      return verdict === null ? null : Number(verdict);
    },
    async refresh() {
      const offers = await fetchOffers(ledger);
      const netuids = new Set(offers.map(({ terms }) => terms.netuid).filter((netuid) => netuid !== 0));
      for (const netuid of netuids) await readScores(netuid);
      await Promise.all(offers.filter(({ terms }) => !measured.has(terms.netuid)).map(probeNewcomer));
    },
  };
}
