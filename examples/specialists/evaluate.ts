import type { ReleasedEvaluation, Tokenizer } from '@cairn/training';
import { askFile } from './ask.ts';
import type { Specialist } from './specialist.ts';
import { examplesToTest, refusalsToTest } from './write-examples.ts';

export interface EvaluateOptions {
  readonly specialist: Specialist;
  readonly tokenizer: Tokenizer;
  /** Generated questions that are asked, and a fifth as many that have no answer, besides those written by hand. */
  readonly questions: number;
  readonly say: (text: string) => void;
}

const HOW = 'Greedy, one thread, through llama.cpp.';

/** Asks a GGUF file what it was trained for. @param file its name in the release */
export async function evaluateFile(
  path: string,
  file: string,
  { specialist, tokenizer, questions, say }: EvaluateOptions,
): Promise<ReleasedEvaluation[]> {
  const sets = [
    {
      task: specialist.name,
      examples: examplesToTest(specialist, questions),
      how: 'Generated questions whose answers were never trained on.',
    },
    {
      task: `${specialist.name}.refusals`,
      examples: refusalsToTest(specialist, Math.ceil(questions / 5)),
      how: 'Generated questions that have no answer and are to be refused; some may have been trained on.',
    },
    {
      task: `${specialist.name}.by-hand`,
      examples: specialist.wild,
      how: 'Written by hand by one person before any result.',
    },
  ];
  const asked = await askFile(
    path,
    specialist,
    tokenizer,
    Object.fromEntries(sets.map(({ task, examples }) => [task, examples])),
  );
  return sets.map(({ task, how }) => {
    const { right, trials, wrong } = asked[task]!;
    say(`${file}: ${task}, ${right} of ${trials}`);
    for (const each of wrong) say(`  wrong: ${JSON.stringify(each)}`);
    return { task, file, right, trials, how: `${how} ${HOW}` };
  });
}
