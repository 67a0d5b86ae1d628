import { type Amount, bytesToHex, formatAmount } from '@cairn/core';
import { type PrivacyLevel, summarizePrivacy } from '@cairn/protocol';
import type { ListedModel } from '../route/catalogue.ts';
import { worksOf } from '../route/works.ts';

export interface ModelQuery {
  /** Words that name, description or capabilities hold. */
  readonly words?: string | undefined;
  readonly task?: string | undefined;
  /** Most pebbles for a million tokens of an answer. */
  readonly mostPerMillion?: Amount | undefined;
  readonly licence?: string | undefined;
  readonly leastContext?: number | undefined;
  readonly limit?: number | undefined;
}

const MOST_FOUND = 50;

/**
 * Models on sale that fit, those that hold more of the words first and then the cheaper. Under its bare name only:
 * one line per model.
 */
export function searchModels(models: readonly ListedModel[], query: ModelQuery): readonly ListedModel[] {
  const words = (query.words ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 16);
  return models
    .filter(({ name, model }) => name === model.card.name)
    .map((listed) => ({ listed, hits: countHits(listed, words), price: cheapest(listed) }))
    .filter(
      ({ listed, hits, price }) =>
        (words.length === 0 || hits > 0) &&
        (query.task === undefined || worksOf(listed).some((work) => work === query.task)) &&
        (query.mostPerMillion === undefined || price <= query.mostPerMillion) &&
        (query.licence === undefined || listed.model.card.licence === query.licence) &&
        (query.leastContext === undefined || contextOf(listed) >= query.leastContext),
    )
    .sort((one, other) => other.hits - one.hits || compare(one.price, other.price))
    .slice(0, query.limit ?? MOST_FOUND)
    .map(({ listed }) => listed);
}

function countHits({ model: { card }, offers }: ListedModel, words: readonly string[]): number {
  const capabilities = offers.flatMap(({ terms }) => terms.capabilities);
  const text = [card.name, card.description, card.kind, ...card.capabilities, ...capabilities]
    .join(' ')
    .toLowerCase();
  return words.filter((word) => text.includes(word)).length;
}

/** @param levels who could read what each of its providers is asked. */
export function describeFound(listed: ListedModel, levels: readonly PrivacyLevel[]): object {
  const privacy = summarizePrivacy(levels);
  const { card } = listed.model;
  const least = (pick: (price: ListedModel['offers'][number]['terms']['price']) => Amount) =>
    formatAmount(listed.offers.map(({ terms }) => pick(terms.price)).reduce(smaller));
  return {
    model: listed.name,
    id: listed.model.id,
    artifact: bytesToHex(listed.artifact.sha256),
    description: card.description,
    licence: card.licence,
    tasks: worksOf(listed),
    contextTokens: contextOf(listed),
    providers: listed.offers.length,
    ...(privacy === null ? {} : { privacy }),
    price: {
      unit: 'CAIRN',
      inputPerMillion: least((price) => price.inputPerMillion),
      outputPerMillion: least((price) => price.outputPerMillion),
      perRequest: least((price) => price.perRequest),
    },
  };
}

function cheapest({ offers }: ListedModel): Amount {
  return offers.map(({ terms }) => terms.price.outputPerMillion).reduce(smaller);
}

function contextOf({ offers }: ListedModel): number {
  return Math.max(...offers.map(({ terms }) => terms.contextTokens));
}

function smaller(one: Amount, other: Amount): Amount {
  return one < other ? one : other;
}

function compare(one: Amount, other: Amount): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
