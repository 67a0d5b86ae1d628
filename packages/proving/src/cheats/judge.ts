import { type Crypto, utf8ToBytes } from '@cairn/core';
import {
  type Calibration,
  type CheckCode,
  calibrate,
  checkAnswer,
  checkDrifts,
  checkPace,
  type HonestRun,
  measureAnswer,
} from '@cairn/mechanisms';
import { logprobRoot, responseHashOf, tokenIdsRoot } from '@cairn/protocol';
import { ENVIRONMENTS, nameOf } from './environments.ts';
import { medianOf } from './run-samples.ts';
import { MAX_TOKENS, type Reviewed } from './sample.ts';

/** Answers of one provider that are compared as a whole. */
export const WINDOW = 32;

/** Context that the bundled model is served with. */
const CONTEXT_TOKENS = 256;

/** What the receipt commits to: 32-bit floats. */
const told = ({ claimed }: Reviewed): readonly number[] =>
  claimed.logprobs.map((logprob) => Math.fround(logprob));

/** Limits from honest answers of every environment, each reviewed in the others. */
export function calibrateFrom(
  of: Pick<Calibration, 'artifact' | 'engine'>,
  honest: readonly Reviewed[],
): Calibration {
  const groups = new Map<string, Reviewed[]>();
  for (const reviewed of honest) {
    const name = nameOf(ENVIRONMENTS[reviewed.sample.provider]!);
    groups.set(name, [...(groups.get(name) ?? []), reviewed]);
  }
  const runs = [...groups].map(
    ([environment, own]): HonestRun => ({
      environment,
      answers: own.map((reviewed) =>
        measureAnswer(reviewed.review, told(reviewed), {
          claimsEnd: reviewed.claimed.finishReason === 'stop',
          checksPicks: true,
        }),
      ),
    }),
  );
  return calibrate(of, runs);
}

export interface Judged {
  readonly reviewed: Reviewed;
  readonly codes: readonly CheckCode[];
  readonly driftPpb: bigint;
  readonly meanDeltaNano: bigint;
}

/** What a payer would draw for each request: nobody else reads these. */
const SALT = new Uint8Array(16);

/** The tier 1 check of one answer, from the receipt that its provider signs. */
export function judge(crypto: Crypto, calibration: Calibration, reviewed: Reviewed): Judged {
  const { claimed, review, sample } = reviewed;
  const logprobs = told(reviewed);
  const check = checkAnswer(
    crypto,
    calibration,
    {
      receipt: {
        responseHash: responseHashOf(crypto, SALT, utf8ToBytes(claimed.text)),
        tokenIdsRoot: tokenIdsRoot(crypto, SALT, claimed.tokenIds),
        logprobRoot: logprobRoot(crypto, SALT, logprobs),
        samplerSeed: sample.seed,
        promptTokens: claimed.promptTokens.length,
        completionTokens: claimed.completionTokens,
        finishReason: claimed.finishReason,
      },
      promptTokens: claimed.promptTokens,
      tokenIds: claimed.tokenIds,
      logprobs,
      text: claimed.text,
      salt: SALT,
      request: { maxTokens: MAX_TOKENS, temperature: sample.temperature, stop: [] },
      contextTokens: CONTEXT_TOKENS,
    },
    review,
  );
  if (check.kind === 'unusable') throw new RangeError(`The simulated answer is unusable: ${check.reason}`);
  const { driftPpb, meanDeltaNano } = check.measures;
  return { reviewed, codes: [...new Set(check.findings.map(({ code }) => code))], driftPpb, meanDeltaNano };
}

/**
 * Failed checks of one provider that a verdict is asked for: a single one may be chance, since the tail of honest drifts
 * is longer than any calibration shows.
 */
const LEAST_FAILED = 2;

/**
 * Windows of answers, each of one provider: how many drift more than honest ones, and in how many enough checks fail
 * to ask for a verdict.
 */
export function judgeWindows(
  calibration: Calibration,
  judged: readonly Judged[],
): { readonly windows: number; readonly shifted: number; readonly convicted: number } {
  const whole = windowsOf(judged);
  const windows = whole.map((window) => window.map(({ driftPpb }) => driftPpb));
  const shifted = windows.filter((drifts) => checkDrifts(calibration, drifts).isShifted === true).length;
  const failedIn = (window: readonly Judged[]) => window.filter(({ codes }) => codes.length > 0).length;
  const convicted = whole.filter((window) => failedIn(window) >= LEAST_FAILED).length;
  return { windows: windows.length, shifted, convicted };
}

/** Whole windows of answers that came from the same environment. */
function windowsOf(judged: readonly Judged[]): Judged[][] {
  const providers = new Set(judged.map(({ reviewed }) => reviewed.sample.provider));
  return [...providers].flatMap((provider) => {
    const own = judged.filter(({ reviewed }) => reviewed.sample.provider === provider);
    const count = Math.floor(own.length / WINDOW);
    return Array.from({ length: count }, (_, at) => own.slice(at * WINDOW, (at + 1) * WINDOW));
  });
}

/** What each provider says of its pace: its own median over honest answers, milliseconds for each token. */
export function pacesOf(honest: readonly Reviewed[]): ReadonlyMap<number, number> {
  const providers = new Set(honest.map(({ sample }) => sample.provider));
  return new Map(
    [...providers].map((provider) => {
      const own = honest.filter(({ sample }) => sample.provider === provider);
      return [provider, medianOf(own.map(({ claimed }) => claimed.msPerToken))];
    }),
  );
}

/** How many windows are slower than their provider says of itself. */
export function judgePace(judged: readonly Judged[], paces: ReadonlyMap<number, number>): number {
  return windowsOf(judged).filter((window) => {
    const { sample } = window[0]!.reviewed;
    const times = window.map(({ reviewed }) => reviewed.claimed.msPerToken);
    return checkPace(times, { claimedMs: paces.get(sample.provider) ?? null, peersMs: [] }).isSlow === true;
  }).length;
}
