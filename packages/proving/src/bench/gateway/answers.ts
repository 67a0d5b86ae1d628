/** What both upstreams say: the same words in the same pieces. */
export const BENCH_CHUNKS = 50;
export const BENCH_MODEL = 'cairn/bench';
/** A request whose text holds this is answered piece by piece. */
export const STREAMED = 'piece by piece';
export const BENCH_KEY = 'bench-key-that-is-long-enough-for-anybody';

export const benchWord = (index: number): string => ` word${index}`;

/** The answer of a JSON request, which the upstream hands over in one piece. */
export const WHOLE_TOKENS = 16;
export const WHOLE_TEXT = Array.from({ length: WHOLE_TOKENS }, (_, index) => benchWord(index)).join('');

/** A request as clients send it. */
export function benchBody(isStream: boolean): string {
  return JSON.stringify({
    model: BENCH_MODEL,
    messages: [
      { role: 'system', content: 'You are a bench and answer at once, always the same.' },
      { role: 'user', content: `Answer ${isStream ? STREAMED : 'at once'}, please.` },
    ],
    max_tokens: 64,
    temperature: 0,
    ...(isStream ? { stream: true } : {}),
  });
}
