import type { EngineJob, EngineResult } from './engine-job.ts';
import { type Claimed, MAX_TOKENS, type Sample, TOP_P } from './sample.ts';

type Run = <Job extends EngineJob>(job: Job) => Promise<EngineResult<Job>>;

/** Answers that a provider gave before, to replay. */
export interface Provider {
  readonly run: Run;
  /** Milliseconds for each token that it tells of itself; null before it has measured. */
  readonly claimedMs: number | null;
  /** The answer to an earlier question. */
  last: Claimed | null;
}

/** What a provider that replays was asked before everything else. */
const EARLIER_QUESTION = 'every 20 minutes from 6 am to 10 pm on weekends';

/** How many times slower than it says a slow-rolling provider is. */
const SLOW_FACTOR = 5;

/** What comes back for a request, from a provider that conducts itself as the sample says. All of it is really run. */
export async function provide(provider: Provider, sample: Sample): Promise<Claimed> {
  const { conduct } = sample;
  const claimed = await answerHonestly(provider, sample, modelOf(sample));
  if (conduct === 'replayed text') {
    const first = { ...sample, question: EARLIER_QUESTION };
    const earlier = provider.last ?? (await answerHonestly(provider, first, 'claimed'));
    provider.last = claimed;
    return { ...earlier, promptTokens: claimed.promptTokens };
  }
  if (conduct === 'other quantisation, log probabilities of the right one') {
    return { ...claimed, logprobs: await relabel(provider.run, sample, claimed, claimed.tokenIds) };
  }
  if (conduct === 'cut short, says it ended') return cut(sample, claimed, 'stop');
  if (conduct === 'cut short, says it was full') return cut(sample, claimed, 'length');
  if (conduct === 'usage inflated by count') {
    return { ...claimed, completionTokens: Math.ceil(claimed.completionTokens * 1.5) };
  }
  return conduct === 'usage inflated by short tokens' ? spellOut(provider.run, sample, claimed) : claimed;
}

function modelOf({ conduct }: Sample): string {
  if (conduct.startsWith('other quantisation')) return 'quantised';
  return conduct === 'weaker model' ? 'weaker' : 'claimed';
}

async function answerHonestly({ run, claimedMs }: Provider, sample: Sample, model: string): Promise<Claimed> {
  const { question, temperature, seed, conduct } = sample;
  const pauseMs = conduct === 'slow-roll' && claimedMs !== null ? claimedMs * (SLOW_FACTOR - 1) : 0;
  const raw = await run({
    op: 'answer',
    model,
    question,
    maxTokens: MAX_TOKENS,
    temperature,
    topP: TOP_P,
    seed,
    pauseMs,
  });
  const tokens = raw.tokenIds.length;
  return { ...raw, completionTokens: tokens, msPerToken: raw.ms / Math.max(1, tokens) };
}

/** The log probabilities that the right model gives the tokens of a cheat: what it costs to lie well about them. */
async function relabel(
  run: Run,
  { temperature, seed }: Sample,
  { promptTokens }: Claimed,
  answerTokens: readonly number[],
): Promise<readonly number[]> {
  const model = 'claimed';
  const job = { op: 'review' as const, model, promptTokens, answerTokens, temperature, topP: TOP_P, seed };
  return (await run(job)).tokens.map(({ logprob }) => logprob);
}

/** Stops after a part of the tokens. */
function cut({ seed }: Sample, claimed: Claimed, finishReason: 'stop' | 'length'): Claimed {
  const kept = 1 + (seed % Math.max(1, claimed.tokenIds.length - 1));
  return {
    ...claimed,
    tokenIds: claimed.tokenIds.slice(0, kept),
    logprobs: claimed.logprobs.slice(0, kept),
    completionTokens: kept,
    finishReason,
    text: claimed.pieces.slice(0, kept).join(''),
  };
}

/** The same text in one token for each character, which are more tokens to bill. */
async function spellOut(run: Run, sample: Sample, claimed: Claimed): Promise<Claimed> {
  const parts = await Promise.all(
    [...claimed.text].map((text) => run({ op: 'tokenize', model: 'claimed', text })),
  );
  const tokenIds = parts.flat();
  const logprobs = await relabel(run, sample, claimed, tokenIds);
  return { ...claimed, tokenIds, logprobs, completionTokens: tokenIds.length };
}
