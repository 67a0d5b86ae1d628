import type { Clock } from '@cairn/core';
import type { LoadedModel, SelfTestCase, SelfTestResult } from '@cairn/protocol';
import { EngineError } from './errors.ts';

const ANY_ANSWER: SelfTestCase = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Hello' }] },
  expected: '',
};

/**
 * Asks the known question greedily and compares the answer, ends trimmed. Without a known question it only
 * wants at least one token.
 *
 * @throws EngineError whatever `generate` throws
 */
export async function runSelfTest(
  generate: LoadedModel['generate'],
  known: SelfTestCase | undefined,
  clock: Clock,
): Promise<SelfTestResult> {
  const asked = known ?? ANY_ANSWER;
  const startMs = clock.nowMs();
  let got = '';
  let tokens = 0;
  const answer = generate({
    prompt: asked.prompt,
    maxTokens: known === undefined ? 4 : 64,
    temperature: 0,
    topP: 1,
    stop: [],
    topLogprobs: 0,
  });
  for await (const event of answer) {
    if (event.type === 'delta') got += event.text;
    else tokens = event.completionTokens;
  }
  const ms = clock.nowMs() - startMs;
  const isRight = known === undefined ? tokens > 0 : got.trim() === known.expected.trim();
  if (!isRight) return { ok: false, expected: known?.expected ?? 'at least one token', got };
  return { ok: true, ms, tokensPerSecond: ms > 0 ? (tokens * 1000) / ms : 0 };
}

/** Runs the self-test of a model. @throws EngineError `SELF_TEST_FAILED` */
export async function requireSelfTest(model: LoadedModel): Promise<Extract<SelfTestResult, { ok: true }>> {
  const result = await model.selfTest();
  if (result.ok) return result;
  throw new EngineError(
    { code: 'SELF_TEST_FAILED', expected: result.expected, got: result.got },
    `The model answered ${JSON.stringify(result.got)} to its known question instead of ` +
      `${JSON.stringify(result.expected)}. Check the file against its card, or fetch it again.`,
  );
}
