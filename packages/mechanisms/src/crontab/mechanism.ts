import { type Crypto, struct, u16, type ValueOf } from '@cairn/core';
import { FX_ONE, type ServiceMechanism } from '@cairn/protocol';
import { MechanismError } from '../errors.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { CRON_MAX_LENGTH, isSameSchedule, parseCron } from './cron.ts';
import { drawPhrase, type SchedulePhrase, UNSUPPORTED } from './generate.ts';

/** Parameters of the crontab mechanism. Shares are in 1/1,000. */
export const crontabParamsShape = struct('CrontabParams', {
  rarePermille: u16,
  unsupportedPermille: u16,
});
export type CrontabParams = ValueOf<typeof crontabParamsShape>;

/**
 * Two thirds of the wordings unusual. Measured with the bundled specialist through llama.cpp on 1,200
 * tasks: default f16 96.7 %, q8_0 96.8 %, the base checkpoint, which never saw the unusual wordings, 68.8 %.
 */
export const DEFAULT_CRONTAB_PARAMS: CrontabParams = { rarePermille: 650, unsupportedPermille: 20 };

/** Largest share of `unsupported`, in 1/1,000: a fixed guess must earn next to nothing. */
const UNSUPPORTED_MOST_PERMILLE = 30;

/** Tokens allowed for an answer. The longest right one is about 30. */
const ANSWER_MAX_TOKENS = 48;

export interface CrontabTask {
  readonly phrase: string;
}

export interface CrontabEvidence {
  readonly isRight: boolean;
}

/** Schedule phrases in, five cron fields out. */
export type CrontabMechanism = ServiceMechanism<CrontabParams, CrontabTask, string, CrontabEvidence>;

function isUnsupported(response: string): boolean {
  return response.trim().toLowerCase() === UNSUPPORTED;
}

/** True when both name the same times, or both are `unsupported`. */
export function isRightAnswer(response: string, answer: string): boolean {
  if (isUnsupported(answer)) return isUnsupported(response);
  const given = parseCron(response.trim());
  const wanted = parseCron(answer);
  return given.ok && wanted.ok && isSameSchedule(given.schedule, wanted.schedule);
}

/**
 * The `crontab` mechanism: English schedule phrases with answers known from the seed. Answers are compared by
 * the times they name, not by spelling.
 */
export function createCrontabMechanism(parts: { readonly crypto: Crypto }): CrontabMechanism {
  const draw = (seed: Uint8Array, params: CrontabParams): SchedulePhrase =>
    drawPhrase(createSeededRandom(parts.crypto, seed), params);
  return {
    manifest: {
      id: 'crontab',
      version: 1,
      cadence: { kind: 'epoch' },
      verification: 'ground-truth',
      response: 'service',
      limits: { bytes: CRON_MAX_LENGTH, cpuMs: 10, memMb: 1 },
      data: [],
    },
    params: crontabParamsShape,
    checkParams({ rarePermille, unsupportedPermille }) {
      const refuse = (field: string, has: number, most: number) =>
        new MechanismError(
          { code: 'PARAMS_INVALID', field },
          `${field} is ${has}. Choose a whole number from 0 to ${most}.`,
        );
      if (rarePermille > 1000) throw refuse('rarePermille', rarePermille, 1000);
      if (unsupportedPermille > UNSUPPORTED_MOST_PERMILLE) {
        throw refuse('unsupportedPermille', unsupportedPermille, UNSUPPORTED_MOST_PERMILLE);
      }
    },
    challenge({ seed, params }) {
      const { text, answer } = draw(seed, params);
      return { task: { phrase: text }, secret: answer };
    },
    ask: ({ phrase }) => ({
      messages: [{ role: 'user', content: phrase }],
      maxTokens: ANSWER_MAX_TOKENS,
    }),
    admit(_task, response) {
      if (response.length > CRON_MAX_LENGTH) return { ok: false, code: 'TOO_LONG' };
      if (isUnsupported(response)) return { ok: true };
      const parsed = parseCron(response.trim());
      return parsed.ok ? { ok: true } : { ok: false, code: parsed.problem.code };
    },
    async audit(_context, _task, response, answer) {
      return { isRight: answer !== undefined && isRightAnswer(response, answer) };
    },
    score: (_context, _task, rows) =>
      rows.map(({ id, evidence }) => ({
        id,
        score: evidence.isRight ? FX_ONE : 0n,
        reason: evidence.isRight ? 'right' : 'wrong',
      })),
    solve: async (_task, answer) => answer ?? UNSUPPORTED,
  };
}
