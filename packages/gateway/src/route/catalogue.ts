import { addressToAccountId, bytesToHex, type Clock } from '@cairn/core';
import { type Artifact, type ModelCard, modelCardShape, type Offer, offerTermsShape } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { type Allowance, fetchPages } from '@cairn/sdk';

/** A registered model with its id. */
export interface RegisteredModel {
  /** Hex. */
  readonly id: string;
  readonly card: ModelCard;
  readonly publishedHeight: number;
}

/** What is for sale. */
export interface Catalogue {
  models(): Promise<readonly RegisteredModel[]>;
  offers(): Promise<readonly Offer[]>;
}

/** A model someone serves, under the names a client may use. */
export interface ListedModel {
  /** `owner/model`, or `owner/model:quantisation` for one artifact of several. */
  readonly name: string;
  readonly model: RegisteredModel;
  readonly artifact: Artifact;
  readonly offers: readonly Offer[];
  /** Whether its card, and those of all models it was made from, let others be trained on its text. */
  readonly isDistillable: boolean;
}

/** What a card says among its capabilities when its text may be used to train other models. */
const DISTILLABLE = 'distillable';

/**
 * Models with live offers, in the order they were published. The bare name stands for the first artifact of the
 * card that is served: a quantisation is never swapped silently.
 */
export function listModels(models: readonly RegisteredModel[], offers: readonly Offer[]): ListedModel[] {
  const byArtifact = Map.groupBy(
    offers,
    ({ terms }) => `${bytesToHex(terms.model)}/${bytesToHex(terms.artifact)}`,
  );
  const distillable = findDistillable(models);
  const newest = new Map<string, RegisteredModel>();
  const inOrder = [...models].sort((one, other) => one.publishedHeight - other.publishedHeight);
  for (const model of inOrder) newest.set(model.card.name, model);
  return [...newest.values()].flatMap((model) => {
    const served = model.card.artifacts.flatMap((artifact) => {
      const found = byArtifact.get(`${model.id}/${bytesToHex(artifact.sha256)}`) ?? [];
      return found.length === 0 ? [] : [{ artifact, offers: found }];
    });
    const { name } = model.card;
    const named = served.map((entry) => ({
      name: `${name}:${entry.artifact.quantisation.toLowerCase()}`,
      model,
      isDistillable: distillable.has(model.id),
      ...entry,
    }));
    const [first] = named;
    return first === undefined ? [] : [{ ...first, name }, ...named];
  });
}

/** Ids of models that may be distilled: what a card does not say, or is made from and not registered, allows nothing. */
function findDistillable(models: readonly RegisteredModel[]): ReadonlySet<string> {
  const allowed = new Set(
    models.flatMap(({ id, card }) => (card.capabilities.includes(DISTILLABLE) ? [id] : [])),
  );
  const children = new Map<string, string[]>();
  for (const { id, card } of models) {
    for (const parent of card.parents.map(bytesToHex)) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [id]);
      else known.push(id);
    }
  }
  const refused = [...children.keys()].filter((id) => !allowed.has(id));
  // Grows by the children that are refused for a parent, so that a lineage may be of any depth.
  for (const parent of refused) {
    for (const child of children.get(parent) ?? []) if (allowed.delete(child)) refused.push(child);
  }
  return allowed;
}

/** A sub-key that may not spend lists what there is: asking says why not. */
export function isAllowed({ model }: Pick<ListedModel, 'model'>, allowance: Allowance | undefined): boolean {
  if (allowance === undefined || !allowance.ok || allowance.models.length === 0) return true;
  return allowance.models.includes(model.id);
}

export interface CatalogueOptions {
  /** How long an answer of the ledger is used. @default 1_000 */
  readonly freshMs?: number;
}

type Listed = { readonly id: string } & Readonly<Record<string, unknown>>;

/** The ledger's registry, read at most once per `freshMs`. */
export function createLedgerCatalogue(
  { reader, clock }: { readonly reader: LedgerReader; readonly clock: Clock },
  { freshMs = 1_000 }: CatalogueOptions = {},
): Catalogue {
  const models = remember(clock, freshMs, async () => {
    const listed = await fetchPages<Listed>(reader, 'registry_models');
    return listed.map(({ id, publishedHeight, royalties: _, ...card }) => ({
      id,
      card: modelCardShape.fromJson(card),
      publishedHeight: Number(publishedHeight),
    }));
  });
  const offers = remember(clock, freshMs, async () => {
    const listed = await fetchPages<Listed>(reader, 'registry_offers');
    return listed.map(({ id: _, provider, ...terms }) => ({
      provider: addressToAccountId(String(provider)),
      terms: offerTermsShape.fromJson(terms),
      recordDeposit: 0n,
    }));
  });
  return { models, offers };
}

/** One fetch at a time; its result is used until it is old. */
function remember<T>(clock: Clock, freshMs: number, fetch: () => Promise<T>): () => Promise<T> {
  let last: { value: Promise<T>; atMs: number } | null = null;
  return () => {
    if (last !== null && clock.nowMs() - last.atMs < freshMs) return last.value;
    const value = fetch();
    last = { value, atMs: clock.nowMs() };
    value.catch(() => {
      if (last?.value === value) last = null;
    });
    return value;
  };
}
