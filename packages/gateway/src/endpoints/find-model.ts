import { GatewayError } from '../errors.ts';
import type { ListedModel } from '../route/catalogue.ts';
import { type Wanted, worksOf } from '../route/works.ts';

/**
 * The model of this name, or without one the first that does the work.
 *
 * @throws GatewayError `model_not_found`, `model_kind_not_served`
 */
export function findServed(models: readonly ListedModel[], name: string | null, wanted: Wanted): ListedModel {
  const able = models.filter((model) => worksOf(model).includes(wanted));
  const found = name === null ? able[0] : models.find((model) => model.name === name);
  if (found !== undefined && able.includes(found)) return found;
  if (found === undefined && name !== null && able.length > 0) throw modelNotFound(name, able);
  if (found === undefined && name !== null && wanted === 'text') throw modelNotFound(name, models);
  const what =
    found === undefined ? 'Nobody serves a model' : `Model ${found.name} does not do this. Nobody serves one`;
  const whom =
    able.length > 0
      ? `Model ${found?.name} does ${listWorks(found)}, not ${wanted}. These do: ${namesOf(able)}.`
      : `${what} for ${wanted}. ${describeAll(models)}`;
  throw new GatewayError({ code: 'model_kind_not_served', model: name }, whom);
}

function listWorks(model: ListedModel | undefined): string {
  return model === undefined ? 'nothing' : worksOf(model).join(', ') || 'nothing';
}

function namesOf(models: readonly ListedModel[]): string {
  return models
    .slice(0, 20)
    .map(({ name }) => name)
    .join(', ');
}

/** Which models there are, and of which kinds. */
function describeAll(models: readonly ListedModel[]): string {
  if (models.length === 0) return 'No model is served right now.';
  const told = models.slice(0, 20).map((model) => `${model.name} (${listWorks(model)})`);
  return `There are: ${told.join('; ')}.`;
}

export function modelNotFound(name: string, models: readonly { readonly name: string }[]): GatewayError {
  const names = models.slice(0, 20).map((model) => model.name);
  const there = names.length === 0 ? 'No model is served right now.' : `There are: ${names.join(', ')}.`;
  return new GatewayError(
    { code: 'model_not_found', model: name },
    `Model ${name.slice(0, 100)} is not served. ${there}`,
  );
}
