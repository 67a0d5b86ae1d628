import { END_OF_TEXT } from '../recipe/read-data.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The mark before what a person says. */
export const USER_MARK = '<|user|>';
/** The mark before what the model says. */
export const ASSISTANT_MARK = '<|assistant|>';

/**
 * How messages become one text, in Jinja as llama.cpp and Hugging Face read it. Messages of the system are left out,
 * because models of this size are made for one job.
 */
export const CHAT_TEMPLATE =
  `{% for m in messages %}{% if m['role'] == 'user' %}${USER_MARK}{{ m['content'] }}` +
  `{% elif m['role'] == 'assistant' %}${ASSISTANT_MARK}{{ m['content'] }}${END_OF_TEXT}` +
  `{% endif %}{% endfor %}{% if add_generation_prompt %}${ASSISTANT_MARK}{% endif %}`;

export interface ChatMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string;
}

/** Tokens of a conversation, and for each whether the model is to learn to say it. */
export interface ChatTokens {
  readonly ids: readonly number[];
  readonly isLearned: readonly boolean[];
}

/**
 * A conversation as the template writes it. Learned are the assistant's words and the mark that ends them.
 *
 * @throws TrainingError `TOKENIZER_MALFORMED` when the tokenizer has no such marks.
 */
export function encodeChat(tokenizer: Tokenizer, messages: readonly ChatMessage[]): ChatTokens {
  const ids: number[] = [];
  const isLearned: boolean[] = [];
  const add = (token: number, learned: boolean) => {
    ids.push(token);
    isLearned.push(learned);
  };
  for (const { role, content } of messages) {
    if (role === 'system') continue;
    const isAnswer = role === 'assistant';
    add(tokenizer.markOf(isAnswer ? ASSISTANT_MARK : USER_MARK), false);
    for (const token of tokenizer.encode(content)) add(token, isAnswer);
    if (isAnswer) add(tokenizer.endOfText, true);
  }
  return { ids, isLearned };
}

/** Tokens of the question, up to where the answer begins. */
export function encodeQuestion(tokenizer: Tokenizer, question: string): number[] {
  const { ids } = encodeChat(tokenizer, [{ role: 'user', content: question }]);
  return [...ids, tokenizer.markOf(ASSISTANT_MARK)];
}
