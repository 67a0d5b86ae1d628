import { ProvingError } from '../errors.ts';
import { type EngineProcess, startEngine } from './engine-process.ts';
import { ENVIRONMENTS, nameOf } from './environments.ts';
import { type Provider, provide } from './provide.ts';
import { type Claimed, type Reviewed, type Sample, TOP_P } from './sample.ts';

export interface RunOptions {
  /** Paths of the files: `claimed`, `quantised` and `weaker`. */
  readonly models: Readonly<Record<string, string>>;
  readonly onProgress: (done: number) => void;
}

export interface RunResult {
  readonly reviewed: readonly Reviewed[];
  /** Processor time of one answer and of one check where llama.cpp chose its instructions itself, milliseconds. */
  readonly answerCpuMs: number;
  readonly checkCpuMs: number;
  readonly cpuSeconds: number;
}

/** Answers of an environment before its pace counts: those that start it up are slower. */
const WARM_UP = 8;

/** Runs `work` on all items, `width` at a time, in order of their start. */
async function inLanes<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** Which of the environments this processor has, and what llama.cpp says of itself there. */
export async function findEnvironments(models: Readonly<Record<string, string>>): Promise<{
  readonly present: readonly number[];
  readonly absent: readonly string[];
  readonly build: string;
}> {
  const present: number[] = [];
  const absent = new Set<string>();
  const known = new Map<string, boolean>();
  let build = '';
  for (const [place, environment] of ENVIRONMENTS.entries()) {
    if (!known.has(environment.variant)) {
      await using engine = await startEngine(environment, models);
      known.set(environment.variant, engine !== null);
      if (build === '') build = engine?.build ?? '';
    }
    if (known.get(environment.variant) === true) present.push(place);
    else absent.add(environment.variant);
  }
  if (build === '') {
    throw new ProvingError(
      { code: 'ENGINE_FAILED', variant: 'native', reason: 'it does not start' },
      'llama.cpp does not start on this machine. Run the doctor to see which package it needs.',
    );
  }
  return { present, absent: [...absent], build };
}

/** Has every sample answered where it says and reviewed where it says, one environment after the other. */
export async function runSamples(samples: readonly Sample[], options: RunOptions): Promise<RunResult> {
  let done = 0;
  let cpuMs = 0;
  const cost = { answerCpuMs: 0, checkCpuMs: 0 };
  const claims = new Map<Sample, Claimed>();
  const reviewed: Reviewed[] = [];
  const each = async <T>(
    place: number,
    items: readonly T[],
    work: (engine: EngineProcess, item: T) => Promise<void>,
  ): Promise<number> => {
    const environment = ENVIRONMENTS[place]!;
    if (items.length === 0) return 0;
    await using engine = await startEngine(environment, options.models);
    if (engine === null) throw new RangeError(`${nameOf(environment)} is not here`);
    await inLanes(items, environment.parallel, async (item) => {
      await work(engine, item);
      done += 1;
      options.onProgress(done);
    });
    cpuMs += engine.cpuMs();
    return engine.cpuMs() / items.length;
  };
  for (const [place] of ENVIRONMENTS.entries()) {
    const own = samples.filter(({ provider }) => provider === place);
    const provider: { -readonly [K in keyof Provider]: Provider[K] } = {
      run: () => Promise.reject(new RangeError('not started')),
      claimedMs: null,
      last: null,
    };
    const paces: number[] = [];
    const perAnswer = await each(place, own, async (engine, sample) => {
      provider.run = engine.run;
      const claimed = await provide(provider, sample);
      claims.set(sample, claimed);
      if (sample.conduct !== 'honest') return;
      paces.push(claimed.msPerToken);
      if (paces.length > WARM_UP) provider.claimedMs = medianOf(paces.slice(WARM_UP));
    });
    if (place === 0) cost.answerCpuMs = perAnswer;
  }
  for (const [place] of ENVIRONMENTS.entries()) {
    const own = samples.filter(({ reviewer }) => reviewer === place);
    const perCheck = await each(place, own, async (engine, sample) => {
      const claimed = claims.get(sample)!;
      const { temperature, seed } = sample;
      const review = await engine.run({
        op: 'review',
        model: 'claimed',
        promptTokens: claimed.promptTokens,
        answerTokens: claimed.tokenIds,
        temperature,
        topP: TOP_P,
        seed,
      });
      reviewed.push({ sample, claimed, review });
    });
    if (place === 0) cost.checkCpuMs = perCheck;
  }
  return { reviewed, ...cost, cpuSeconds: cpuMs / 1000 };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
