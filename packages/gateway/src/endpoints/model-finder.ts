import type { Allowance } from '@cairn/sdk';
import { GatewayError } from '../errors.ts';
import { type Catalogue, isAllowed, type ListedModel, listModels } from '../route/catalogue.ts';
import type { Wanted } from '../route/works.ts';
import { findServed, modelNotFound } from './find-model.ts';

export interface ModelFinderParts {
  readonly catalogue: Catalogue;
  /** What the owner of the money allows, when the gateway pays as a sub-key. @default any model */
  readonly allowance?: () => Promise<Allowance>;
  /** Names of models that a name stands for, the best first. @default a name stands for itself */
  readonly aliases?: (name: string) => Promise<readonly string[]>;
}

/** Finds models that this gateway may ask. */
export interface ModelFinder {
  listed(): Promise<readonly ListedModel[]>;
  /** The model of a name or an alias. @throws GatewayError `model_not_found`, `model_not_allowed` */
  findListed(name: string): Promise<ListedModel>;
  /**
   * The model that a request names, for work that it does; without a name the first that does it.
   *
   * @throws GatewayError `model_not_found`, `model_not_allowed`, `model_kind_not_served`
   */
  findModel(name: string | null, wanted: Wanted): Promise<ListedModel>;
  /** @throws GatewayError `wallet_not_allowed` */
  checkWallet(): Promise<void>;
}

/** @param firstModel name of the card that is listed first */
export function createModelFinder(parts: ModelFinderParts, firstModel?: string): ModelFinder {
  const { catalogue } = parts;
  type Models = Awaited<ReturnType<Catalogue['models']>>;
  type Offers = Awaited<ReturnType<Catalogue['offers']>>;
  let last: {
    readonly models: Models;
    readonly offers: Offers;
    readonly listed: readonly ListedModel[];
  } | null = null;
  const isFirst = ({ model }: ListedModel) => model.card.name === firstModel;

  async function served(): Promise<readonly ListedModel[]> {
    const [models, offers] = [await catalogue.models(), await catalogue.offers()];
    // The same lists, as a catalogue gives them until it looks again, make the same one.
    if (last?.models !== models || last.offers !== offers) {
      last = { models, offers, listed: listModels(models, offers) };
    }
    return last.listed;
  }

  async function listed(): Promise<readonly ListedModel[]> {
    const all = await served();
    const allowance = await parts.allowance?.();
    const models = all.filter((model) => isAllowed(model, allowance));
    return [...models.filter(isFirst), ...models.filter((model) => !isFirst(model))];
  }

  /** The first of its names that is listed; null when none is. @throws GatewayError `model_not_allowed` */
  async function find(models: readonly ListedModel[], name: string): Promise<ListedModel | null> {
    for (const known of [name, ...((await parts.aliases?.(name)) ?? [])]) {
      const found = models.find((model) => model.name === known);
      if (found !== undefined) return found;
    }
    await refuseForbidden(name);
    return null;
  }

  /** Says of a model that is served, but not for this wallet, why it is not. */
  async function refuseForbidden(name: string): Promise<void> {
    if (parts.allowance === undefined) return;
    if (!(await served()).some((model) => model.name === name)) return;
    throw new GatewayError(
      { code: 'model_not_allowed', model: name },
      `The owner of this wallet does not let it ask ${name.slice(0, 100)}. Ask one that /v1/models lists, or have the owner set the sub-key again.`,
    );
  }

  return {
    listed,
    async findListed(name) {
      const models = await listed();
      const found = await find(models, name);
      if (found === null) throw modelNotFound(name, models);
      return found;
    },
    async findModel(name, wanted) {
      const models = await listed();
      const found = name === null ? null : await find(models, name);
      return findServed(models, found?.name ?? name, wanted);
    },
    async checkWallet() {
      const allowance = await parts.allowance?.();
      if (allowance === undefined || allowance.ok) return;
      throw new GatewayError(
        { code: 'wallet_not_allowed' },
        `This gateway may not spend its owner's money: ${allowance.reason}`,
      );
    },
  };
}
