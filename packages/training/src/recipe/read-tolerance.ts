import { MOST_RELATIVE, type ToleranceBounds } from '../replay/tolerant.ts';
import type { Fields } from './fields.ts';

/** How the bounds of a tolerant replay are found: as they are stated, or by trying engines when the run is made. */
export type ToleranceRecipe =
  | ({ readonly kind: 'stated' } & ToleranceBounds)
  | {
      readonly kind: 'measured';
      /** Engines that are tried, each by the name that `train join --engine` takes. */
      readonly engines: readonly string[];
      /** Rounds that each of them trains. */
      readonly rounds: number;
    };

const ENGINES = ['exact', 'native'];
const ROUNDS = 4;
const MOST_ENGINES = 8;
const KEYS = ['engines', 'rounds', 'relative', 'angle', 'misplaced', 'replay'];

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readTolerance(recipe: Fields): ToleranceRecipe | null {
  const isTolerant = recipe.choice('engine', ['exact', 'tolerant'], 'exact') === 'tolerant';
  if (!recipe.has('tolerance'))
    return isTolerant ? { kind: 'measured', engines: ENGINES, rounds: ROUNDS } : null;
  if (!isTolerant)
    throw recipe.refuse('tolerance', 'is for tolerant runs; an exact run is replayed to the bit');
  const all = recipe.object('tolerance', KEYS);
  if (!all.flag('replay', true)) {
    recipe.object('tolerance', ['replay']);
    return null;
  }
  if (['relative', 'angle', 'misplaced'].some((name) => all.has(name))) {
    const fields = recipe.object('tolerance', ['replay', 'relative', 'angle', 'misplaced']);
    return {
      kind: 'stated',
      relative: fields.decimal('relative', 1e-9, MOST_RELATIVE),
      angle: fields.decimal('angle', 1e-9, 2),
      misplaced: fields.decimal('misplaced', 1e-9, 1),
    };
  }
  const fields = recipe.object('tolerance', ['replay', 'engines', 'rounds']);
  const engines = fields.texts('engines', MOST_ENGINES, ENGINES);
  if (engines.length < 2) throw fields.refuse('engines', 'names fewer than two engines to compare');
  return { kind: 'measured', engines, rounds: fields.whole('rounds', 1, 1_000, ROUNDS) };
}
