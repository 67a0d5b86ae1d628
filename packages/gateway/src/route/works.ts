import type { ListedModel } from './catalogue.ts';

/** What a request needs of a model: its kind of work, or the capability that an offer names. */
export type Wanted = 'text' | 'embed' | 'rank' | 'image' | 'speech' | 'transcribe' | 'translate' | 'moderate';

const SPECIAL = ['embed', 'rank', 'image', 'audio'] as const;
const TASKS = ['embed', 'rank', 'image', 'speech', 'transcribe', 'translate', 'moderate'] as const;

/** What a model does, as its card and its offers say. */
export function worksOf({ model, offers }: ListedModel): readonly Wanted[] {
  const does = new Set(offers.flatMap(({ terms }) => terms.capabilities));
  const isSpecial = SPECIAL.some((kind) => kind === model.card.kind);
  return [...(isSpecial ? [] : (['text'] as const)), ...TASKS.filter((task) => does.has(task))];
}
