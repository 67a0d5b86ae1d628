import type { Logger } from '@cairn/core';
import { type AccountId, accountIdToAddress, bytesToHex, CairnError, type Random } from '@cairn/core';
import { type ModelCard, modelCardShape, type Offer } from '@cairn/ledger';
import { type AnswerVerdict, type CaseLink, encodeCaseEvidence, isEnoughToAccuse } from '@cairn/mechanisms';
import { engineOf } from '../models/offered-capabilities.ts';
import { fetchOffers } from '../validator/subnet-view.ts';
import type { Accuser } from './accuse.ts';
import type { CanaryOutcome } from './ask-canary.ts';
import { type CheckEvidenceParts, checkEvidence } from './check-evidence.ts';
import type { CheckedAnswer, SuspicionBook } from './suspicion-book.ts';

/** What this node makes of an offer. */
export interface ProviderStanding {
  readonly provider: string;
  /** Hex. */
  readonly model: string;
  readonly artifact: string;
  readonly engine: string | null;
  /** Why its answers are not judged here; null: they are. */
  readonly refused: string | null;
  /** Chance that it cheats, from 0 to 1: the share of rounds in which it is checked. */
  readonly suspicion: number;
  readonly checks: number;
  readonly failed: number;
}

export interface CheckProvidersParts extends CheckEvidenceParts {
  readonly random: Random;
  readonly log: Logger;
  readonly book: SuspicionBook;
  readonly accuser: Accuser;
  readonly ask: (offer: Offer, card: ModelCard, signal: AbortSignal) => Promise<CanaryOutcome>;
  /** Whose own offers are left out. */
  readonly own: readonly AccountId[];
}

export interface ProviderChecks {
  /** What was made of each offer in the latest round. */
  standings(): readonly ProviderStanding[];
  /** Checks each provider with the chance that it cheats, and accuses whoever was found out. */
  round(height: number, signal: AbortSignal): Promise<void>;
}

/** Blocks in which a provider is left alone once this node has brought it before the ledger. */
const REST_BLOCKS = 300;
/** Providers that are asked at a time. */
const WIDTH = 8;
/** Offers that one node looks at. */
const MOST_OFFERS = 4_096;

interface Candidate {
  readonly offer: Offer;
  readonly card: ModelCard;
  readonly engine: string;
}

export function createProviderChecks(parts: CheckProvidersParts): ProviderChecks {
  const { book, log, random, accuser, ledger } = parts;
  const resting = new Map<string, number>();
  const cards = new Map<string, ModelCard | null>();
  let latest: readonly ProviderStanding[] = [];

  async function cardOf(model: string): Promise<ModelCard | null> {
    const known = cards.get(model);
    if (known !== undefined) return known;
    const row = await ledger.query<Record<string, unknown> | null>('registry_model', { model });
    if (row === null) return null;
    const names = Object.keys((modelCardShape.schema as { properties: object }).properties);
    const card = modelCardShape.fromJson(Object.fromEntries(names.map((name) => [name, row[name]])));
    if (cards.size < MOST_OFFERS) cards.set(model, card);
    return card;
  }

  /** Why the answers of an offer are not judged here; null when they can be. */
  async function findRefusal({ terms }: Offer, engine: string | null): Promise<string | null> {
    if (terms.tier === 0 || !terms.capabilities.includes('tokenIds')) return 'it tells no token ids';
    if (engine === null) return 'its offer does not say which engine it runs';
    const reviewer = parts.reviewers.of(terms.artifact);
    if (reviewer === null) return 'its file is not on this node';
    if (reviewer.capabilities.engine !== engine)
      return `it runs ${engine}, and this node ${reviewer.capabilities.engine ?? 'an engine without a name'}`;
    const limits = await parts.limits.of(terms.model, terms.artifact, engine);
    return limits === null ? `nobody published a calibration of ${engine} for this artifact` : null;
  }

  async function standingOf(offer: Offer): Promise<ProviderStanding> {
    const { provider, terms } = offer;
    const engine = engineOf(terms);
    const { ppm, checks, failed } = book.of(provider, terms.artifact);
    return {
      provider: accountIdToAddress(provider),
      model: bytesToHex(terms.model),
      artifact: bytesToHex(terms.artifact),
      engine,
      refused: await findRefusal(offer, engine),
      suspicion: Number(ppm) / 1e6,
      ...{ checks, failed },
    };
  }

  /** Chosen with the chance that it cheats: a fresh draw for each provider and round. */
  function isDrawn({ provider, terms }: Offer): boolean {
    const drawn = new DataView(random.bytes(4).buffer).getUint32(0);
    return BigInt(drawn) * 1_000_000n < book.of(provider, terms.artifact).ppm << 32n;
  }

  async function check(
    { offer, card, engine }: Candidate,
    height: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { provider, terms } = offer;
    const who = { provider: accountIdToAddress(provider) };
    const outcome = await parts.ask(offer, card, signal);
    if (!outcome.ok) {
      log.debug('a provider did not answer a check', { ...who, reason: outcome.reason });
      return;
    }
    const { link } = outcome;
    const verdict = await verdictOf(engine, link);
    const known = await book.add(provider, terms.artifact, { link, verdict, height });
    if (verdict.kind === 'notJudged')
      log.info('an answer was not judged', { ...who, reason: verdict.reason });
    if (verdict.kind === 'failed')
      log.warn('an answer is not of its model', { ...who, codes: verdict.codes });
    if (verdict.kind !== 'failed' || !isEnoughToAccuse(known.window.map((checked) => checked.verdict)))
      return;
    await accuse(offer, engine, known.window);
    resting.set(keyOf(offer), height + REST_BLOCKS);
  }

  async function verdictOf(engine: string, link: CaseLink): Promise<AnswerVerdict> {
    const checked = await checkEvidence(parts, encodeCaseEvidence({ engine, links: [link] }));
    return checked.ok ? checked.answers[0]!.verdict : { kind: 'notJudged', reason: checked.reason };
  }

  async function accuse(offer: Offer, engine: string, window: readonly CheckedAnswer[]): Promise<void> {
    const hasFailed = ({ verdict }: CheckedAnswer) => verdict.kind === 'failed';
    const first = window.findIndex(hasFailed);
    const shown = window.slice(first, window.findLastIndex(hasFailed) + 1);
    const links = shown.map((checked) => ({
      signed: checked.link.signed,
      disclosed: hasFailed(checked) ? checked.link.disclosed : null,
    }));
    const evidence = encodeCaseEvidence({ engine, links });
    // Once more, as every other judge will.
    const checked = await checkEvidence(parts, evidence);
    book.clear(offer.provider, offer.terms.artifact);
    if (checked.ok && checked.convicts) await accuser.accuse(evidence, checked, shown[0]!.height);
  }

  return {
    standings: () => latest,
    async round(height, signal) {
      const isOwn = ({ provider }: Offer) =>
        parts.own.some((own) => bytesToHex(own) === bytesToHex(provider));
      const offers = (await fetchOffers(ledger)).filter((offer) => !isOwn(offer)).slice(0, MOST_OFFERS);
      const due: Candidate[] = [];
      const standings: ProviderStanding[] = [];
      for (const offer of offers) {
        const standing = await standingOf(offer);
        standings.push(standing);
        const card = standing.refused === null ? await cardOf(standing.model) : null;
        const rests = (resting.get(keyOf(offer)) ?? 0) > height;
        if (card === null || standing.engine === null || rests || !isDrawn(offer)) continue;
        due.push({ offer, card, engine: standing.engine });
      }
      latest = standings;
      for (let at = 0; at < due.length && !signal.aborted; at += WIDTH) {
        const some = due.slice(at, at + WIDTH);
        await Promise.all(
          some.map(async (candidate) => {
            try {
              await check(candidate, height, signal);
            } catch (error) {
              if (!(error instanceof CairnError) || signal.aborted) throw error;
              log.warn('a provider could not be checked', {
                provider: accountIdToAddress(candidate.offer.provider),
                code: error.code,
              });
            }
          }),
        );
      }
    },
  };
}

const keyOf = ({ provider, terms }: Offer): string => `${bytesToHex(provider)}/${bytesToHex(terms.artifact)}`;
