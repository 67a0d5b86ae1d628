import { addressToAccountId, type Shape } from '@cairn/core';
import {
  type Measurement,
  type ModelCard,
  measurementShape,
  modelCardShape,
  type Offer,
  offerTermsShape,
  type Royalty,
  royaltiesShape,
} from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import { fetchPages } from '../ledger/pages.ts';

/** A model of the registry. */
export interface RegistryModel {
  /** Hex. */
  readonly id: string;
  readonly card: ModelCard;
  readonly publishedHeight: number;
  /** What its answers pay, to its owner and to those of the models it was made from. */
  readonly royalties: readonly Royalty[];
}

export interface RegistryOffer {
  /** Hex. */
  readonly id: string;
  /** Address. */
  readonly provider: string;
  readonly terms: Offer['terms'];
}

/** What a validator measured, and how much its word weighs now. */
export interface RegistryEvaluation {
  /** Address. */
  readonly validator: string;
  readonly measurement: Measurement;
  readonly slot: bigint;
  /**
   * Its stake on root, in pebbles; null when it is no validator of the subnet any more. Not its stake of the
   * subnet's token: whoever makes a subnet has all of that.
   */
  readonly stake: bigint | null;
}

export interface Registry {
  readonly models: readonly RegistryModel[];
  readonly offers: readonly RegistryOffer[];
  readonly evaluations: readonly RegistryEvaluation[];
}

type Row = { readonly id: string } & Readonly<Record<string, unknown>>;
type Asked = Pick<LedgerReader, 'query'>;

/** @throws SdkError `RPC_FAILED` when the answer is something else */
function checked<T>(method: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SdkError(
      { code: 'RPC_FAILED', method, reason: 'malformed' },
      `The node answered ${method} with something else. Node and program may differ in version.`,
      { cause },
    );
  }
}

/** What a shape knows of a row: a newer node may say more. */
function read<T>(method: string, shape: Shape<T>, row: unknown): T {
  return checked(method, () => {
    const known = Object.keys((shape.schema as { properties: object }).properties);
    const source = row as Readonly<Record<string, unknown>>;
    const picked = known.filter((name) => name in source).map((name) => [name, source[name]]);
    return shape.fromJson(Object.fromEntries(picked));
  });
}

export async function fetchModels(ledger: Asked): Promise<RegistryModel[]> {
  const rows = await fetchPages<Row>(ledger, 'registry_models');
  return rows.map((row) => ({
    id: row.id,
    card: read('registry_models', modelCardShape, row),
    publishedHeight: Number(row.publishedHeight),
    royalties: checked('registry_models', () => royaltiesShape.fromJson(row.royalties)),
  }));
}

export async function fetchModelOffers(ledger: Asked): Promise<RegistryOffer[]> {
  const rows = await fetchPages<Row>(ledger, 'registry_offers');
  return rows.map((row) => ({
    id: row.id,
    provider: String(row.provider),
    terms: read('registry_offers', offerTermsShape, row),
  }));
}

interface NeuronRow {
  readonly hotkey: string;
  readonly permit: boolean;
  readonly rootStake: string;
}

/** Stake on root of each validator of these subnets, by `netuid/address`. */
async function fetchStakes(ledger: Asked, netuids: Iterable<number>): Promise<Map<string, bigint>> {
  const stakes = new Map<string, bigint>();
  for (const netuid of netuids) {
    const found = await ledger.query<{ neurons: NeuronRow[] } | null>('subnets_metagraph', { netuid });
    for (const { hotkey, permit, rootStake } of found?.neurons ?? [])
      if (permit) stakes.set(`${netuid}/${hotkey}`, BigInt(rootStake));
  }
  return stakes;
}

/** @param model hex; left out: of all models. */
export async function fetchEvaluations(ledger: Asked, model?: string): Promise<RegistryEvaluation[]> {
  const rows = await fetchPages<Row>(ledger, 'registry_evaluations', { model: model ?? null });
  const said = rows.map((row) => {
    const validator = String(row.validator);
    // What is no address is refused here rather than shown.
    checked('registry_evaluations', () => addressToAccountId(validator));
    return {
      validator,
      measurement: read('registry_evaluations', measurementShape, row.measurement),
      slot: BigInt(String(row.slot)),
    };
  });
  const stakes = await fetchStakes(ledger, new Set(said.map(({ measurement }) => measurement.netuid)));
  return said.map((each) => ({
    ...each,
    stake: stakes.get(`${each.measurement.netuid}/${each.validator}`) ?? null,
  }));
}

/** All of the registry that searching and ranking need. */
export async function fetchRegistry(ledger: Asked): Promise<Registry> {
  const [models, offers, evaluations] = await Promise.all([
    fetchModels(ledger),
    fetchModelOffers(ledger),
    fetchEvaluations(ledger),
  ]);
  return { models, offers, evaluations };
}
