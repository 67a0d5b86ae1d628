import { createPureCrypto, hexToBytes } from '@cairn/core';
import {
  type Calibration,
  type CheckCode,
  createCrontabMechanism,
  DEFAULT_CRONTAB_PARAMS,
  LEAST_RATE_PPM,
} from '@cairn/mechanisms';
import { createSeededRandom, type SeededRandom } from '../simulation/seeded-random.ts';
import { lowerBound, upperBound } from './binomial.ts';
import { ENVIRONMENTS, nameOf } from './environments.ts';
import { calibrateFrom, type Judged, judge, judgePace, judgeWindows, pacesOf } from './judge.ts';
import { findEnvironments, medianOf, runSamples } from './run-samples.ts';
import { CONDUCTS, type Conduct, type Sample } from './sample.ts';

export interface CheatsOptions {
  /** Paths of the files that are claimed, and served instead; and the SHA-256 of the claimed one in hex. */
  readonly models: { readonly claimed: string; readonly quantised: string; readonly weaker: string };
  readonly artifact: string;
  /** Checks of honest answers. */
  readonly checks: number;
  /** Answers of each planted cheat. */
  readonly cheats: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CheatRow {
  readonly conduct: Conduct;
  readonly checks: number;
  /** Answers in which the check found something. */
  readonly found: number;
  readonly rate: number;
  /** One-sided 95 % bounds of that rate. */
  readonly lower: number;
  readonly upper: number;
  readonly codes: Partial<Record<CheckCode, number>>;
  /** Answers until one check finds something with a chance of 95 %, when 1 in 100 is checked; null: never. */
  readonly answersUntilFound: number | null;
  /** Windows of answers of one provider whose drifts are shifted, or which are slow. */
  readonly windows: number;
  readonly shifted: number;
  /** Windows in which at least two checks found something: enough to ask for a verdict. */
  readonly convicted: number;
  readonly slow: number;
  readonly medianDriftPpb: number;
  readonly meanDeltaNano: number;
}

export interface CheatsResult {
  readonly build: string;
  readonly environments: readonly string[];
  /** Sets of instructions that this processor or package lacks. */
  readonly absent: readonly string[];
  readonly limits: Pick<
    Calibration,
    | 'answers'
    | 'tokens'
    | 'headroomPercent'
    | 'marginNano'
    | 'mostDriftPpb'
    | 'endMarginNano'
    | 'honestDistancePpm'
  >;
  readonly honest: CheatRow;
  readonly cheats: readonly CheatRow[];
  readonly cost: {
    readonly samplingRate: number;
    /** Processor time of one answer and of the check of one, milliseconds, native instructions. */
    readonly answerCpuMs: number;
    readonly checkCpuMs: number;
    /** Processor time that checking at this rate adds to that of answering. */
    readonly share: number;
  };
  readonly cpuSeconds: number;
}

/** A prime: consecutive checks go to different environments, and each has its parts. */
const STRIDE = 7_919;
/** Environments that a cheat works in, the first that are there. */
const CHEAT_PLACES = 4;

/**
 * Plants providers that cheat among honest ones and checks their answers, with real runs of llama.cpp: what a check
 * finds, and how often it wrongs an honest provider on another processor, with other threads and batches.
 *
 * Cost: about 40 ms of processor time for each answer and its check on one core of a small server, ten times that in the
 * environments without AVX2.
 *
 * @throws ProvingError `ENGINE_FAILED`
 */
export async function simulateCheats(options: CheatsOptions): Promise<CheatsResult> {
  const crypto = createPureCrypto();
  const { present, absent, build } = await findEnvironments(options.models);
  const samples = [...planSamples(options, present)];
  const { reviewed, answerCpuMs, checkCpuMs, cpuSeconds } = await runSamples(samples, {
    models: options.models,
    onProgress: (done) => options.onProgress?.(done, 2 * samples.length),
  });
  const isOf = (use: Sample['use']) => reviewed.filter(({ sample }) => sample.use === use);
  const calibration = calibrateFrom(
    { artifact: hexToBytes(options.artifact), engine: build.split(' cpu-')[0]! },
    isOf('calibrate'),
  );
  const paces = pacesOf(isOf('calibrate'));
  const judged = isOf('judge')
    .filter(({ claimed, sample }) => isCheat(claimed, sample))
    .map((one) => judge(crypto, calibration, one));
  const rows = CONDUCTS.map((conduct) =>
    rowOf(
      conduct,
      judged.filter(({ reviewed: { sample } }) => sample.conduct === conduct),
      calibration,
      paces,
    ),
  );
  const { answers, tokens, headroomPercent, marginNano, mostDriftPpb, endMarginNano, honestDistancePpm } =
    calibration;
  const samplingRate = Number(LEAST_RATE_PPM) / 1_000_000;
  return {
    build,
    environments: present.map((place) => nameOf(ENVIRONMENTS[place]!)),
    absent,
    limits: { answers, tokens, headroomPercent, marginNano, mostDriftPpb, endMarginNano, honestDistancePpm },
    honest: rows[0]!,
    cheats: rows.slice(1),
    cost: { samplingRate, answerCpuMs, checkCpuMs, share: (samplingRate * checkCpuMs) / answerCpuMs },
    cpuSeconds,
  };
}

/** An answer too short to cut, or with no token to split, is what an honest provider gives. */
function isCheat(claimed: Judged['reviewed']['claimed'], { conduct }: Sample): boolean {
  if (conduct === 'usage inflated by short tokens') return claimed.tokenIds.length > claimed.pieces.length;
  return !conduct.startsWith('cut short') || claimed.tokenIds.length < claimed.pieces.length;
}

function* planSamples(
  { checks, cheats, seed }: CheatsOptions,
  present: readonly number[],
): Generator<Sample> {
  const random = createSeededRandom(seed);
  const place = (at: number) => present[at % present.length]!;
  const weighed = present.flatMap((own) => Array.from({ length: ENVIRONMENTS[own]!.parts }, () => own));
  const draw = (use: Sample['use'], conduct: Conduct, provider: number, at: number): Sample => ({
    use,
    conduct,
    provider,
    reviewer: random.pick(weighed),
    question: drawQuestion(random),
    temperature: at % 2,
    seed: random.below(2 ** 32),
  });
  for (const own of present) {
    for (let at = 0; at < ENVIRONMENTS[own]!.calibration; at += 1) {
      yield draw('calibrate', 'honest', own, at);
    }
  }
  for (let at = 0; at < checks; at += 1) {
    yield draw('judge', 'honest', weighed[(at * STRIDE) % weighed.length]!, at);
  }
  for (const conduct of CONDUCTS.slice(1)) {
    for (let at = 0; at < cheats; at += 1) yield draw('judge', conduct, place(at % CHEAT_PLACES), at);
  }
}

/** A schedule in English, such as users of the bundled model ask for. */
function drawQuestion(random: SeededRandom): string {
  const mechanism = createCrontabMechanism({ crypto: createPureCrypto() });
  const data = { read: () => new Uint8Array() };
  const draw = { seed: random.bytes(32), epoch: 0n, params: DEFAULT_CRONTAB_PARAMS, data };
  return mechanism.ask(mechanism.challenge(draw).task).messages[0]!.content;
}

function rowOf(
  conduct: Conduct,
  judged: readonly Judged[],
  calibration: Calibration,
  paces: ReadonlyMap<number, number>,
): CheatRow {
  const checks = judged.length;
  const found = judged.filter(({ codes }) => codes.length > 0).length;
  const codes: Partial<Record<CheckCode, number>> = {};
  for (const code of judged.flatMap((one) => one.codes)) codes[code] = (codes[code] ?? 0) + 1;
  const rate = checks === 0 ? 0 : found / checks;
  const eachAnswer = (rate * Number(LEAST_RATE_PPM)) / 1_000_000;
  return {
    conduct,
    checks,
    found,
    rate,
    lower: lowerBound(found, checks),
    upper: upperBound(found, checks),
    codes,
    answersUntilFound: found === 0 ? null : Math.ceil(Math.log(0.05) / Math.log1p(-eachAnswer)),
    ...judgeWindows(calibration, judged),
    slow: judgePace(judged, paces),
    medianDriftPpb: medianOf(judged.map(({ driftPpb }) => Number(driftPpb))),
    meanDeltaNano: judged.reduce((sum, one) => sum + Number(one.meanDeltaNano), 0) / Math.max(1, checks),
  };
}
