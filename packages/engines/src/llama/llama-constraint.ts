import type { AnswerShape } from '@cairn/protocol';
import { LlamaGrammarEvaluationState, type LlamaModel } from 'node-llama-cpp';
import { EngineError, reasonOf } from '../errors.ts';
import { CALL_START, grammarsOf } from '../shape/tool-prompt.ts';

/** What the next token of an answer may be. */
export interface Constraint {
  /** Null: anything. */
  state(): LlamaGrammarEvaluationState | null;
  /** Tells what the model wrote. */
  saw(text: string): void;
}

/** @throws EngineError `REQUEST_MALFORMED` for a shape that llama.cpp cannot hold an answer to */
export async function createConstraint(model: LlamaModel, shape: AnswerShape): Promise<Constraint> {
  const { whole, afterCallStart } = grammarsOf(shape);
  const open = async (grammar: string) => {
    try {
      const parsed = await model.llama.createGrammar({ grammar });
      return new LlamaGrammarEvaluationState({ model, grammar: parsed });
    } catch (cause) {
      const reason = reasonOf(cause);
      throw new EngineError(
        { code: 'REQUEST_MALFORMED', field: 'schema', reason },
        `llama.cpp cannot hold an answer to this JSON Schema: ${reason}. Simplify it.`,
        { cause },
      );
    }
  };
  let active = whole === null ? null : await open(whole);
  const later = afterCallStart === null ? null : await open(afterCallStart);
  let tail = '';
  return {
    state: () => active,
    saw(text) {
      if (later === null || active !== null) return;
      tail = (tail + text).slice(-2 * CALL_START.length);
      const at = tail.lastIndexOf(CALL_START);
      if (at < 0) return;
      // A token may bring the line break after the mark; with anything else the call is the model's own.
      const after = tail.slice(at + CALL_START.length);
      if (after === '' || after === '\n') active = later;
    },
  };
}
