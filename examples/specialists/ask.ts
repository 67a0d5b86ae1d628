import { encodeQuestion, type Tokenizer } from '@cairn/training';
import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp';
import type { Example, Specialist } from './specialist.ts';

/** Longer answers are none. In tokens. */
const MAX_ANSWER = 64;

export interface Asked {
  readonly right: number;
  readonly trials: number;
  /** Some that were wrong, to look at. */
  readonly wrong: readonly { readonly question: string; readonly known: string; readonly given: string }[];
}

/** Asks a GGUF file through llama.cpp, greedily and on one thread, and has the specialist check every answer. */
export async function askFile(
  path: string,
  specialist: Specialist,
  tokenizer: Tokenizer,
  sets: Readonly<Record<string, readonly Example[]>>,
): Promise<Record<string, Asked>> {
  await using llama = await getLlama({
    gpu: false,
    build: 'never',
    logLevel: LlamaLogLevel.error,
    maxThreads: 1,
  });
  await using model = await llama.loadModel({ modelPath: path });
  await using context = await model.createContext({ contextSize: 256, threads: 1 });
  const sequence = context.getSequence();
  const answerTo = async (question: string): Promise<string> => {
    await sequence.clearHistory();
    const ids: number[] = [];
    const prompt = encodeQuestion(tokenizer, question) as Token[];
    for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      if (token === tokenizer.endOfText || ids.length === MAX_ANSWER) break;
      ids.push(token);
    }
    return tokenizer.decode(ids);
  };
  const results: Record<string, Asked> = {};
  for (const [name, examples] of Object.entries(sets)) {
    let right = 0;
    const wrong: Asked['wrong'][number][] = [];
    for (const { question, answer } of examples) {
      const given = await answerTo(question);
      if (specialist.isRight(answer, given)) right += 1;
      else if (wrong.length < 10) wrong.push({ question, known: answer, given });
    }
    results[name] = { right, trials: examples.length, wrong };
  }
  return results;
}
