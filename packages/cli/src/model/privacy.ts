import { hexToBytes } from '@cairn/core';
import {
  bestSuite,
  PRIVACY_TEXTS,
  type PrivacyLevel,
  type PrivacySummary,
  privacyLevelOf,
  summarizePrivacy,
} from '@cairn/protocol';
import { fetchPages, type RegistryOffer } from '@cairn/sdk';
import { askNode, checkAnswer } from '../answer/ask-node.ts';
import { asHex, asList, asNullable, asObject, asText } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { printable } from '../terminal/printable.ts';

/** The tier that an offer claims with a quote of its hardware. */
const ATTESTED_TIER = 3;

/** Who could read what is asked of each offer. */
export interface OfferPrivacy {
  levelOf(offer: RegistryOffer): PrivacyLevel;
  /**
   * `gateway`: as the gateway of the own node would ask, which checks quotes. `ledger`: by the keys on the ledger alone,
   * which prove no hardware.
   */
  readonly seenBy: 'gateway' | 'ledger';
}

/** @throws CliError `ANSWER_MALFORMED` */
export async function fetchPrivacy(connection: Connection): Promise<OfferPrivacy> {
  const seen = connection.isOwn ? await askGateway(connection) : null;
  if (seen !== null) {
    return { seenBy: 'gateway', levelOf: ({ id }) => seen.get(id) ?? 'L0' };
  }
  const sealed = await fetchSealed(connection);
  return { seenBy: 'ledger', levelOf: ({ provider }) => (sealed.has(provider) ? 'L1' : 'L0') };
}

/** Null when the node has no gateway. */
async function askGateway(connection: Connection): Promise<ReadonlyMap<string, PrivacyLevel> | null> {
  const asSeen = asNullable(asList(asObject({ offer: asHex, level: asText })));
  const seen = await askNode(connection, 'node_privacy', {}, asSeen);
  if (seen === null) return null;
  return new Map(seen.map(({ offer, level }) => [offer, knownLevel(level)]));
}

function knownLevel(level: string): PrivacyLevel {
  const known = (Object.keys(PRIVACY_TEXTS) as PrivacyLevel[]).find((each) => each === level);
  if (known !== undefined) return known;
  throw new CliError(
    { code: 'ANSWER_MALFORMED', method: 'node_privacy' },
    `The node answered node_privacy with a level that this program does not know: ${printable(level.slice(0, 20))}.`,
  );
}

/** Providers with a key on the ledger that requests are sealed to. */
async function fetchSealed({ ledger }: Connection): Promise<ReadonlySet<string>> {
  const asRow = asObject({ account: asText, sealing: asObject({ x25519: asText, xWing: asText }) });
  const rows = await fetchPages<{ account: string }>(ledger, 'registry_providers', {}, (row) => row.account);
  const providers = rows.map((row) => checkAnswer('registry_providers', row, asRow));
  const isSealed = ({ sealing: { x25519, xWing } }: (typeof providers)[number]) =>
    privacyLevelOf(bestSuite({ x25519: hexToBytes(x25519), xWing: hexToBytes(xWing) }) ?? undefined) !== 'L0';
  return new Set(providers.filter(isSealed).map(({ account }) => account));
}

export type ModelPrivacy = PrivacySummary & {
  readonly seenBy: OfferPrivacy['seenBy'];
  /** Offers that claim attested hardware which was not checked, or did not hold. */
  readonly unproved: number;
};

/** What the offers of a model come to; null when nobody offers it. */
export function privacyJson(privacy: OfferPrivacy, offers: readonly RegistryOffer[]): ModelPrivacy | null {
  const summary = summarizePrivacy(offers.map(privacy.levelOf));
  if (summary === null) return null;
  return { ...summary, seenBy: privacy.seenBy, unproved: unprovedOf(privacy, offers) };
}

/** The levels of the offers, such as `L0 L1`: which of them is asked decides. */
export function privacyCell(privacy: OfferPrivacy, offers: readonly RegistryOffer[]): string {
  return [...new Set(offers.map(privacy.levelOf))].sort().join(' ');
}

/** What the levels in a table mean, and what nobody has proved. */
export function privacyLegend(privacy: OfferPrivacy, offers: readonly RegistryOffer[]): string[] {
  const levels = [...new Set(offers.map(privacy.levelOf))].sort();
  const lines = levels.map((level) => {
    const { name, readers } = PRIVACY_TEXTS[level];
    return `${level}, ${name}; can be read by: ${readers}`;
  });
  const unproved = unprovedOf(privacy, offers);
  if (unproved > 0) {
    const why =
      privacy.seenBy === 'gateway'
        ? 'the gateway of this node has not found it to hold'
        : 'only the gateway of an own node checks it';
    lines.push(`${unproved} of these offers claim attested hardware; ${why}, so none of them is L2.`);
  }
  return lines;
}

function unprovedOf({ levelOf }: OfferPrivacy, offers: readonly RegistryOffer[]): number {
  return offers.filter((offer) => offer.terms.tier === ATTESTED_TIER && levelOf(offer) !== 'L2').length;
}
