import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTokenizerJson, type ReleaseCard } from '@cairn/training';
import { SPECIALISTS } from '../../examples/specialists/index.ts';

const folderOf = (name: string): string => fileURLToPath(new URL(`../../models/${name}`, import.meta.url));

/** Models of the checkout that a network run made, with questions that their pages show. */
export const SPECIALIST_MODELS = [
  {
    task: 'crontab',
    folder: folderOf('cairn-crontab'),
    known: ['at 03:00 daily', 'every quarter of an hour', 'saturdays 22:15', 'the last friday of the month'],
  },
  {
    task: 'quantities',
    folder: folderOf('cairn-quantities'),
    known: ['350 ml milk', '3 dozen eggs', 'between 10 and 12 dollars'],
  },
  {
    task: 'when',
    folder: folderOf('cairn-when'),
    known: [
      'the 4th of July 2026 at noon',
      'an hour and 20 minutes',
      'quarter past six in the morning',
      'next tuesday at 5',
    ],
  },
] as const;

/** A card as `cairn model publish` takes it. */
interface PublishedCard extends ReleaseCard {
  readonly artifacts: (ReleaseCard['artifacts'][number] & { readonly file: string })[];
}

/** What lies in the folder of a model, and the specialist that knows its answers. */
export function aSpecialistModel(folder: string, task: string) {
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  return {
    card: JSON.parse(read('card.json')) as PublishedCard,
    tokenizer: parseTokenizerJson(read('tokenizer.json')),
    specialist: SPECIALISTS[task]!,
    page: read('README.md'),
  };
}
