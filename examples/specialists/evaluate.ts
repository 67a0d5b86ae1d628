import type { ReleasedEvaluation, Tokenizer } from '@cairn/training';
import { askFile } from './ask.ts';
import type { Specialist } from './specialist.ts';
import { examplesToTest } from './write-examples.ts';

export interface EvaluateOptions {
  readonly specialist: Specialist;
  readonly tokenizer: Tokenizer;
  /** Generated questions that are asked, besides those written by hand. */
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
  const asked = await askFile(path, specialist, tokenizer, {
    generated: examplesToTest(specialist, questions),
    wild: specialist.wild,
  });
  const { generated, wild } = { generated: asked.generated!, wild: asked.wild! };
  for (const each of [...generated.wrong.slice(0, 5), ...wild.wrong]) say(`  wrong: ${JSON.stringify(each)}`);
  say(
    `${file}: ${generated.right} of ${generated.trials} held out, ${wild.right} of ${wild.trials} written by hand`,
  );
  return [
    {
      ...{ task: specialist.name, file, right: generated.right, trials: generated.trials },
      how: `Generated questions whose answers were never trained on. ${HOW}`,
    },
    {
      ...{ task: `${specialist.name}.by-hand`, file, right: wild.right, trials: wild.trials },
      how: `Written by hand by one person before any result. ${HOW}`,
    },
  ];
}
