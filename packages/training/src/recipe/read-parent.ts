import type { Fields } from './fields.ts';

/** A released checkpoint of another run that this one goes on from. */
export interface ParentRecipe {
  /** Id of the run, in hex. */
  readonly run: string;
  /** Its weights after this round. */
  readonly round: number;
  /** Id of the model that it was released as, in hex; null: the one whose files its owner posted. */
  readonly model: string | null;
}

const ID = /^[0-9a-f]{64}$/;
const LAST_ROUND = 0xffff_ffff;

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readParent(recipe: Fields): ParentRecipe | null {
  if (!recipe.has('parent')) return null;
  const fields = recipe.object('parent', ['run', 'round', 'model']);
  const id = (name: string, command: string): string => {
    const text = fields.text(name, 64);
    if (!ID.test(text))
      throw fields.refuse(name, `is no whole id of 64 hexadecimal digits, as ${command} shows it`);
    return text;
  };
  return {
    run: id('run', 'cairn train status'),
    round: fields.whole('round', 0, LAST_ROUND),
    model: fields.has('model') ? id('model', 'cairn model show') : null,
  };
}
