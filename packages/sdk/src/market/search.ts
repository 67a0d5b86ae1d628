import { bytesToHex } from '@cairn/core';
import type { ModelKind } from '@cairn/ledger';
import { rankModels, type Standing } from './leaderboard.ts';
import { isLicenceAmong } from './licence.ts';
import type { Registry, RegistryModel, RegistryOffer } from './registry.ts';

export interface ModelWishes {
  /** Each has to be in the name, the description or the tasks. */
  readonly words?: readonly string[];
  readonly kind?: ModelKind;
  /** What its card names or a validator measured. */
  readonly task?: string;
  /** As on the card: `pt` finds `pt-br` too. */
  readonly language?: string;
  /** Every one of them. */
  readonly capabilities?: readonly string[];
  /** One way to hold its licence needs no other than these. */
  readonly licences?: readonly string[];
  /** Most pebbles for a million output tokens. */
  readonly maxOutputPerMillion?: bigint;
  /** Least that it gets right of `task` with 95 % confidence, from 0 to 1. */
  readonly minQuality?: number;
  /** Longest time to the first token, in milliseconds. Offers of which nothing is known are left out. */
  readonly maxLatencyMs?: number;
  /** Also models that nobody offers. */
  readonly isUnservedIncluded?: boolean;
  /** @default 'quality' with a task, else 'price' */
  readonly sort?: 'quality' | 'price' | 'latency' | 'newest';
}

export interface FoundModel {
  readonly model: RegistryModel;
  /** Those that meet the wishes, the cheapest first. */
  readonly offers: readonly RegistryOffer[];
  /** Of its best artifact in the wished task; null: nobody measured it, or no task was named. */
  readonly standing: Standing | null;
  /** Shortest of its offers; null: nothing is known. */
  readonly latencyMs: number | null;
}

/** Measured time to the first token, in milliseconds; null when nothing is known. */
export type LatencyOf = (offer: RegistryOffer) => number | null;

const priceOf = ({ terms }: RegistryOffer): bigint =>
  terms.price.inputPerMillion + terms.price.outputPerMillion;

function isWanted({ card }: RegistryModel, wishes: ModelWishes, isMeasured: boolean): boolean {
  const { words = [], kind, task, language, capabilities = [], licences } = wishes;
  const text = `${card.name} ${card.description} ${card.tasks.join(' ')}`.toLowerCase();
  if (!words.every((word) => text.includes(word.toLowerCase()))) return false;
  if (kind !== undefined && card.kind !== kind) return false;
  if (task !== undefined && !isMeasured && !card.tasks.includes(task)) return false;
  if (language !== undefined && !card.languages.some((tag) => isLanguage(tag, language))) return false;
  if (!capabilities.every((each) => card.capabilities.includes(each))) return false;
  return licences === undefined || isLicenceAmong(card.licence, licences);
}

function isLanguage(tag: string, wanted: string): boolean {
  return tag === wanted.toLowerCase() || tag.startsWith(`${wanted.toLowerCase()}-`);
}

/**
 * Models that meet every wish. With a task those that validators measured come first, the best in front; what nobody
 * measured follows by price.
 *
 * @param latencyOf what a gateway measured; the ledger knows nothing of it.
 */
export function searchModels(
  registry: Registry,
  wishes: ModelWishes = {},
  latencyOf: LatencyOf = () => null,
): FoundModel[] {
  const { task, maxOutputPerMillion, minQuality, maxLatencyMs, isUnservedIncluded = false } = wishes;
  const standings = task === undefined ? [] : rankModels(registry, task);
  const offersOf = Map.groupBy(registry.offers, ({ terms }) => bytesToHex(terms.model));
  const found: FoundModel[] = [];
  for (const model of registry.models) {
    const standing = standings.find((each) => each.model.id === model.id) ?? null;
    if (!isWanted(model, wishes, standing !== null)) continue;
    if (minQuality !== undefined && (standing === null || standing.score.low < minQuality)) continue;
    const all = offersOf.get(model.id) ?? [];
    const offers = all
      .filter(
        (offer) =>
          (maxOutputPerMillion === undefined || offer.terms.price.outputPerMillion <= maxOutputPerMillion) &&
          (maxLatencyMs === undefined || (latencyOf(offer) ?? Number.POSITIVE_INFINITY) <= maxLatencyMs),
      )
      .sort((one, other) => compare(priceOf(one), priceOf(other)));
    if (offers.length === 0 && (all.length > 0 || !isUnservedIncluded)) continue;
    const latencies = offers.map(latencyOf).filter((ms) => ms !== null);
    const latencyMs = latencies.length === 0 ? null : Math.min(...latencies);
    found.push({ model, offers, standing, latencyMs });
  }
  return sortFound(found, standings, wishes.sort ?? (task === undefined ? 'price' : 'quality'));
}

const compare = <T extends bigint | number>(one: T, other: T): number =>
  one < other ? -1 : one > other ? 1 : 0;

function sortFound(
  found: FoundModel[],
  standings: readonly Standing[],
  sort: NonNullable<ModelWishes['sort']>,
): FoundModel[] {
  const place = new Map(standings.map((standing, index) => [standing, index]));
  const rank = ({ standing }: FoundModel) =>
    standing === null ? standings.length : (place.get(standing) ?? standings.length);
  const byPrice = (one: FoundModel, other: FoundModel) => {
    const [a, b] = [one.offers[0], other.offers[0]];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return compare(priceOf(a), priceOf(b));
  };
  const byName = (one: FoundModel, other: FoundModel) =>
    one.model.card.name < other.model.card.name ? -1 : 1;
  const by = {
    quality: (one: FoundModel, other: FoundModel) => rank(one) - rank(other),
    price: byPrice,
    latency: (one: FoundModel, other: FoundModel) =>
      compare(one.latencyMs ?? Number.POSITIVE_INFINITY, other.latencyMs ?? Number.POSITIVE_INFINITY),
    newest: (one: FoundModel, other: FoundModel) => other.model.publishedHeight - one.model.publishedHeight,
  }[sort];
  return found.sort((one, other) => by(one, other) || byPrice(one, other) || byName(one, other));
}
