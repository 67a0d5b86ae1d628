import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CRON_MAX_LENGTH, formatField, isSameSchedule, parseCron } from '../../src/crontab/cron.ts';

const codeOf = (text: string) => {
  const parsed = parseCron(text);
  return parsed.ok ? 'OK' : parsed.problem.code;
};

describe('parseCron', () => {
  it('refuses what is not five plain fields', () => {
    for (const [text, code] of [
      ['', 'FIELD_COUNT'],
      ['* * * *', 'FIELD_COUNT'],
      ['* * * * * *', 'FIELD_COUNT'],
      ['60 * * * *', 'FIELD_MALFORMED'],
      ['* 24 * * *', 'FIELD_MALFORMED'],
      ['* * 0 * *', 'FIELD_MALFORMED'],
      ['* * * 13 *', 'FIELD_MALFORMED'],
      ['* * * * 8', 'FIELD_MALFORMED'],
      ['5-3 * * * *', 'FIELD_MALFORMED'],
      ['*/0 * * * *', 'FIELD_MALFORMED'],
      ['5/10 * * * *', 'FIELD_MALFORMED'],
      ['1,,2 * * * *', 'FIELD_MALFORMED'],
      ['-1 * * * *', 'FIELD_MALFORMED'],
      ['1e1 * * * *', 'FIELD_MALFORMED'],
      ['* * L * *', 'FIELD_MALFORMED'],
      ['* * * * 5#2', 'FIELD_MALFORMED'],
      ['?'.repeat(CRON_MAX_LENGTH + 1), 'TOO_LONG'],
    ] as const) {
      expect(codeOf(text), text).toBe(code);
    }
  });

  it('reads back any set of values that formatField writes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1 }), (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const parsed = parseCron(`${formatField(sorted, 0, 59)} * * * *`);
        const bits = sorted.reduce((mask, value) => mask | (1n << BigInt(value)), 0n);
        expect(parsed.ok && parsed.schedule.minutes).toBe(bits);
      }),
    );
  });

  it('never throws and never reads what it cannot bound, on hostile text', () => {
    const alphabet = fc.constantFrom(...'0123456789*/-,. \tabcMONjan#?@\u0000\ud800é'.split(''));
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: alphabet, maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 400 })),
        (text) => {
          const parsed = parseCron(text);
          if (!parsed.ok) return;
          const { schedule } = parsed;
          expect(schedule.minutes > 0n && schedule.minutes < 1n << 60n).toBe(true);
          expect(schedule.hours > 0n && schedule.hours < 1n << 24n).toBe(true);
          expect(schedule.daysOfMonth > 0n && schedule.daysOfMonth < 1n << 32n).toBe(true);
          expect(schedule.months > 0n && schedule.months < 1n << 13n).toBe(true);
          expect(schedule.daysOfWeek > 0n && schedule.daysOfWeek < 1n << 7n).toBe(true);
          expect(isSameSchedule(schedule, schedule)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
