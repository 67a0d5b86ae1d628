import type { AnswerShape, GenerateRequest, TaskKind } from '@cairn/protocol';
import { EngineError } from '../errors.ts';
import type { HttpParts } from './http.ts';
import { streamUpstream, type UpstreamTarget } from './upstream-stream.ts';
import { runUpstreamTask } from './upstream-tasks.ts';

/** What a model of an upstream turned out to do. */
export interface UpstreamMeans {
  readonly chats: boolean;
  readonly logprobs: boolean;
  readonly tools: boolean;
  readonly json: boolean;
  readonly tasks: readonly TaskKind[];
  readonly contextTokens: number;
}

type Target = Omit<UpstreamTarget, 'logprobs'>;

/** A server that knows a path answers one word on it soon: the model is loaded by now. */
const MOST_PROBE_MS = 15_000;

const HELLO: GenerateRequest = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Hello' }] },
  maxTokens: 1,
  temperature: 0,
  topP: 1,
  stop: [],
  topLogprobs: 0,
};
const NO_TOOLS = { tools: [], choice: 'auto', only: null, parallel: false } as const;
const EMPTY_SCHEMA = '{"type":"object","properties":{},"required":[],"additionalProperties":false}';
const WITH_TOOL: AnswerShape = {
  ...NO_TOOLS,
  tools: [{ name: 'probe', description: 'Does nothing.', parameters: EMPTY_SCHEMA }],
  format: { type: 'text', schema: null },
};
const WITH_FORM: AnswerShape = { ...NO_TOOLS, format: { type: 'schema', schema: EMPTY_SCHEMA } };

/**
 * Asks for one token at a time, to learn before anything is sold that the server streams, counts and ends as it
 * should, and what else it takes.
 *
 * @returns `refusal` for a server that says no, which may still do other tasks
 * @throws EngineError when it cannot be reached or breaks off
 */
export async function probeChat(parts: HttpParts, target: Target) {
  const ask = async (logprobs: boolean, shape?: AnswerShape) => {
    let given = false;
    const request = { ...HELLO, topLogprobs: logprobs ? 1 : 0, ...(shape === undefined ? {} : { shape }) };
    for await (const event of streamUpstream(parts, { ...target, logprobs }, request)) {
      if (event.type === 'delta') given ||= event.logprobs !== null;
    }
    return given;
  };
  const takes = async (shape: AnswerShape) => (await unlessRefused(() => ask(false, shape))) !== null;
  try {
    const logprobs = (await unlessRefused(() => ask(true))) ?? (await ask(false));
    const means = { chats: true, logprobs, tools: await takes(WITH_TOOL), json: await takes(WITH_FORM) };
    return { means, refusal: null };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { means: { chats: false, logprobs: false, tools: false, json: false }, refusal: error };
  }
}

/** The tasks of an upstream: those that its operator names, or of the cheap ones those that it does when asked. */
export async function probeTasks(
  parts: HttpParts,
  target: Target,
  named: readonly TaskKind[] | undefined,
): Promise<readonly TaskKind[]> {
  if (named !== undefined) return named;
  const tries = [
    { kind: 'embed', texts: ['Hello'], dimensions: null },
    { kind: 'rank', query: 'Hello', documents: ['Hello'] },
    { kind: 'moderate', texts: ['Hello'] },
  ] as const;
  const found: TaskKind[] = [];
  const limits = { ...target.limits, firstByteMs: Math.min(target.limits.firstByteMs, MOST_PROBE_MS) };
  for (const task of tries) {
    const items = await unlessRefused(() => runUpstreamTask(parts, { ...target, limits }, task), true);
    if (items !== null) found.push(task.kind);
  }
  return found;
}

/** Null when the server says no; with `isBonus` also when it says nothing of use. */
async function unlessRefused<T>(ask: () => Promise<T>, isBonus = false): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isRefusal(error) || (isBonus && error instanceof EngineError)) return null;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof EngineError && error.problem.code === 'UPSTREAM_FAILED';
}
