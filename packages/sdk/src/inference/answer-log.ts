import type { DeltaFrame } from '@cairn/protocol';
import type { ReceivedAnswer } from '../channels/check-receipt.ts';

/** What came of an answer, as its receipt must state it. */
export interface AnswerLog {
  readonly tokens: number;
  add(delta: DeltaFrame): void;
  received(): Omit<ReceivedAnswer, 'promptTokens' | 'engineClass'>;
}

export function createAnswerLog(): AnswerLog {
  const texts: string[] = [];
  const tokenIds: number[] = [];
  const logprobs: number[] = [];
  let tokens = 0;
  let knowsIds = true;
  let knowsLogprobs = false;
  return {
    get tokens() {
      return tokens;
    },
    add(delta) {
      texts.push(delta.text);
      tokens += delta.tokens;
      if (delta.tokenIds === null) knowsIds = false;
      else for (const id of delta.tokenIds) tokenIds.push(id);
      if (delta.logprobs === null) return;
      knowsLogprobs = true;
      for (const { logprob } of delta.logprobs) logprobs.push(logprob);
    },
    received: () => ({
      text: texts.join(''),
      tokens,
      tokenIds: knowsIds ? tokenIds : null,
      logprobs: knowsLogprobs ? logprobs : null,
    }),
  };
}
