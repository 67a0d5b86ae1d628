import { describe, expect, it } from 'vitest';
import {
  createCrontabMechanism,
  DEFAULT_CRONTAB_PARAMS,
  isRightAnswer,
} from '../../src/crontab/mechanism.ts';
import { crypto } from '../builders.ts';
import { describeMechanism } from '../mechanism-compliance.ts';

const mechanism = createCrontabMechanism({ crypto });

describeMechanism('crontab', {
  mechanism,
  params: DEFAULT_CRONTAB_PARAMS,
  responses: [
    '30 9 * * 1-5',
    'unsupported',
    ' 0 0 * * 0 ',
    '',
    '60 * * * *',
    '* * * *',
    '@daily',
    'x'.repeat(5000),
    '\ud800 * * * *',
    '\u0000',
  ],
});

describe('crontab answers', () => {
  it('are right when they name the same times in another spelling', () => {
    for (const [given, wanted] of [
      ['*/30 22-23 * * *', '0,30 22,23 * * *'],
      ['0 0 * * 7', '0 0 * * 0'],
      ['0 0 * * MON-FRI', '0 0 * * 1-5'],
      ['0 0 1-31 * 1', '0 0 1-31 * 2'],
      ['Unsupported', 'unsupported'],
    ] as const) {
      expect(isRightAnswer(given, wanted), `${given} = ${wanted}`).toBe(true);
    }
  });

  it('are wrong when they name other times', () => {
    for (const [given, wanted] of [
      ['0 0 1 * 1', '0 0 1 * *'],
      ['0 0 */2 * 1', '0 0 1-31/2 * 1'],
      ['0 9 * * *', '0 21 * * *'],
      ['unsupported', '0 9 * * *'],
      ['0 9 * * *', 'unsupported'],
      ['30 9 * * 1-5 and more', '30 9 * * 1-5'],
    ] as const) {
      expect(isRightAnswer(given, wanted), `${given} ≠ ${wanted}`).toBe(false);
    }
  });

  it('refuses a share of unsupported wishes that would pay a fixed guess', () => {
    expect(() => mechanism.checkParams({ rarePermille: 0, unsupportedPermille: 400 })).toThrow(
      expect.objectContaining({ code: 'PARAMS_INVALID' }),
    );
  });
});
