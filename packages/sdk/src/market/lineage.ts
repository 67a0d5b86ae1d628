import { bytesToHex } from '@cairn/core';
import type { RegistryModel } from './registry.ts';

/** A model in a family tree. */
export interface Relative {
  /** Hex. */
  readonly id: string;
  /** Null when it was retired: what is left of it is its id. */
  readonly model: RegistryModel | null;
  /** 1 for a parent or child, 2 for theirs. */
  readonly distance: number;
}

/** Most relatives that are looked up on one side. */
const MAX_RELATIVES = 256;

function walk(
  from: string,
  next: (id: string) => readonly string[],
  models: ReadonlyMap<string, RegistryModel>,
): Relative[] {
  const found = new Map<string, Relative>();
  let edge = [from];
  for (let distance = 1; edge.length > 0 && found.size < MAX_RELATIVES; distance += 1) {
    const further: string[] = [];
    for (const id of edge.flatMap(next)) {
      if (id === from || found.has(id) || found.size >= MAX_RELATIVES) continue;
      found.set(id, { id, model: models.get(id) ?? null, distance });
      further.push(id);
    }
    edge = further;
  }
  return [...found.values()];
}

/** What a model was made from and what was made from it, the nearest first, each once. */
export function lineageOf(
  models: readonly RegistryModel[],
  id: string,
): { readonly ancestors: Relative[]; readonly descendants: Relative[] } {
  const byId = new Map(models.map((model) => [model.id, model]));
  const children = new Map<string, string[]>();
  for (const model of models) {
    for (const parent of model.card.parents.map(bytesToHex))
      children.set(parent, [...(children.get(parent) ?? []), model.id]);
  }
  return {
    ancestors: walk(id, (each) => (byId.get(each)?.card.parents ?? []).map(bytesToHex), byId),
    descendants: walk(id, (each) => children.get(each) ?? [], byId),
  };
}
