import { WINDOW } from './judge.ts';
import type { CheatRow, CheatsResult } from './simulate-cheats.ts';

export const CHEATS_HEADERS: readonly string[] = [
  'provider',
  'checks',
  'found',
  'at least (95 %)',
  'answers until found (95 %)',
  'convicted',
  'windows shifted',
  'windows slow',
  'by',
];

/** A provider as a row of the table under `CHEATS_HEADERS`. */
export function cheatCells(row: CheatRow): string[] {
  const { conduct, checks, rate, lower, answersUntilFound, windows, shifted, convicted, slow, codes } = row;
  const named = Object.entries(codes).map(([code, count]) => `${code} ${count}`);
  return [
    conduct,
    String(checks),
    percentText(rate),
    percentText(lower),
    answersUntilFound === null ? 'never' : String(answersUntilFound),
    `${convicted}/${windows}`,
    `${shifted}/${windows}`,
    `${slow}/${windows}`,
    named.join(', '),
  ];
}

/** What the table rests on, a line each. */
export function cheatNotes({
  honest,
  limits,
  cost,
  environments,
  absent,
  build,
  cpuSeconds,
}: CheatsResult): string[] {
  const nats = (nano: bigint) => `${(Number(nano) / 1e9).toPrecision(3)} nats`;
  return [
    `Honest providers: ${honest.found} of ${honest.checks} checks find something, at most ${percentText(honest.upper)} ` +
      `with 95 % confidence; ` +
      `${honest.convicted} of ${honest.windows} windows are convicted (two failed checks), ${honest.shifted} of ${honest.windows} windows of ${WINDOW} answers are shifted, ` +
      `${honest.slow} slow.`,
    `Checking 1 in ${Math.round(1 / cost.samplingRate)} answers: ${cost.answerCpuMs.toFixed(1)} ms of processor time ` +
      `for an answer, ${cost.checkCpuMs.toFixed(1)} ms for a check, ${percentText(cost.share)} in all.`,
    `Limits, from ${limits.answers} honest answers (${limits.tokens} tokens), ${limits.headroomPercent / 100} times the ` +
      `worst seen: pick ${nats(limits.marginNano)}, end ${nats(limits.endMarginNano)}, drift ` +
      `${(Number(limits.mostDriftPpb) / 1e9).toPrecision(3)}; honest environments differ by ` +
      `${percentText(limits.honestDistancePpm / 1e6)} (Kolmogorov-Smirnov).`,
    `Environments: ${environments.join('; ')}.${absent.length === 0 ? '' : ` Not on this processor: ${absent.join(', ')}.`}`,
    `${build.split(':')[0]}; ${cpuSeconds.toFixed(0)} s of processor time in llama.cpp.`,
  ];
}

function percentText(value: number): string {
  const percent = 100 * value;
  if (percent === 0 || percent === 100) return `${percent} %`;
  return `${percent >= 10 && percent < 99 ? percent.toFixed(1) : percent.toPrecision(percent < 1 ? 2 : 4)} %`;
}
