import { describe, expect, it } from 'vitest';
import { parseCron } from '../../src/crontab/cron.ts';
import { drawPhrase, PHRASE_MAX_LENGTH, UNSUPPORTED } from '../../src/crontab/generate.ts';
import { DEFAULT_CRONTAB_PARAMS } from '../../src/crontab/mechanism.ts';
import { createSeededRandom } from '../../src/seeded-random.ts';
import { aHash, aSeed, crypto } from '../builders.ts';

const drawn = Array.from({ length: 4000 }, (_, index) =>
  drawPhrase(createSeededRandom(crypto, aSeed(index)), DEFAULT_CRONTAB_PARAMS),
);

describe('seeded random', () => {
  it('gives the same numbers on every machine, forever', () => {
    const random = createSeededRandom(crypto, aHash('golden'));
    expect(Array.from({ length: 12 }, () => random.below(1000))).toEqual([
      381, 520, 140, 295, 840, 628, 680, 180, 227, 844, 909, 520,
    ]);
    expect(random.distinct(0, 23, 4)).toEqual([4, 5, 10, 22]);
    expect(random.between(0, 0)).toBe(0);
  });

  it('is the SHA-256 of seed and counter, read as big-endian words', () => {
    const seed = aHash('golden');
    const block = crypto.sha256(new Uint8Array([...seed, 0, 0, 0, 0, 0, 0, 0, 0]));
    const words = new DataView(block.buffer, block.byteOffset);
    const random = createSeededRandom(crypto, seed);
    for (let at = 0; at < 32; at += 4) expect(random.below(0x1_0000_0000)).toBe(words.getUint32(at));
  });

  it('refuses a draw among no choices', () => {
    expect(() => createSeededRandom(crypto, aSeed(1)).below(0)).toThrow(
      expect.objectContaining({ code: 'BOUND_EXCEEDED' }),
    );
  });
});

describe('schedule phrases', () => {
  it('are the same for the same seed, forever', () => {
    expect(drawn.slice(0, 4)).toEqual([
      { text: 'at 24 mins past each hour, every year on day 16 of April', answer: '24 * 16 4 *' },
      { text: 'at intervals of 2 months, on the 11th, at 0329 hrs', answer: '29 3 11 */2 *' },
      {
        text: 'execute the accounts from day 5 until day 7 of the month, every 13-minute interval starting 14:00 and ending 23:00',
        answer: '*/13 14-23 5-7 * *',
      },
      {
        text: 'crontab line: by half past 9 p.m. between days 6 and 29 of each month',
        answer: '30 21 6-29 * *',
      },
    ]);
  });

  it('are short printable ASCII with an answer that parses', () => {
    for (const { text, answer } of drawn) {
      expect(text, text).toMatch(/^[ -~]+$/);
      expect(text.length, text).toBeLessThanOrEqual(PHRASE_MAX_LENGTH);
      expect(text, text).not.toMatch(/ {2}|^ | $|undefined/);
      expect(answer === UNSUPPORTED || parseCron(answer).ok, `${text} → ${answer}`).toBe(true);
    }
  });

  it('never restrict day of month and day of week together, which cron would join by or', () => {
    for (const { text, answer } of drawn) {
      if (answer === UNSUPPORTED) continue;
      const [, , dayOfMonth, , dayOfWeek] = answer.split(' ');
      expect(dayOfMonth === '*' || dayOfWeek === '*', `${text} → ${answer}`).toBe(true);
    }
  });

  it('exercise every field with stars, values, lists, ranges and steps', () => {
    const kinds = [0, 1, 2, 3, 4].map(() => new Set<string>());
    for (const { answer } of drawn) {
      if (answer === UNSUPPORTED) continue;
      for (const [index, field] of answer.split(' ').entries()) {
        const kind =
          field === '*' ? 'star' : field.includes('/') ? 'step' : field.includes(',') ? 'list' : 'value';
        (kinds[index] as Set<string>).add(field.includes('-') && kind !== 'list' ? `${kind} range` : kind);
      }
    }
    const [minute, hour, dayOfMonth, month, dayOfWeek] = kinds.map((found) => [...found].sort());
    expect(minute).toEqual(['list', 'step', 'value']);
    expect(hour).toEqual(['list', 'star', 'step', 'step range', 'value', 'value range']);
    expect(dayOfMonth).toEqual(['list', 'star', 'step', 'value', 'value range']);
    expect(month).toEqual(['list', 'star', 'step', 'value', 'value range']);
    expect(dayOfWeek).toEqual(['list', 'star', 'value', 'value range']);
  });

  it('share an answer so rarely that a fixed guess earns next to nothing', () => {
    const counts = new Map<string, number>();
    for (const { answer } of drawn) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    expect((most?.[1] as number) / drawn.length, most?.[0]).toBeLessThan(0.03);
  });
});
