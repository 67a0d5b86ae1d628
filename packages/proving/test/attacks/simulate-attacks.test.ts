import { describe, expect, it } from 'vitest';
import { type AttackRow, simulateAttacks } from '../../src/index.ts';

const isLong = process.env.CAIRN_TEST_LONG === '1';
const OPTIONS = isLong ? {} : { seeds: 4, searchSeeds: 1 };

const find = (rows: readonly AttackRow[], rule: string) => rows.find((row) => row.rule.includes(rule))!;

describe('attacks', () => {
  it('a sandwich gains nothing where a block has one price, and does on the curve', async () => {
    const rows = await simulateAttacks({ ...OPTIONS, only: 'sandwich' });
    expect(find(rows, 'one price').verdict).toBe('no profit');
    expect(find(rows, 'one after the other').verdict).toBe('profits');
    expect(find(rows, 'bound').gain).toBeLessThan(0.02);
  });

  it('an order that is held back loses no more than its bound', async () => {
    const rows = await simulateAttacks({ ...OPTIONS, only: 'held back, sold after' });
    expect(find(rows, 'no bound').victimLoss).toBeGreaterThan(0.01);
    expect(find(rows, 'bound of 1.0 %').victimLoss).toBeLessThanOrEqual(0.0101);
  });

  it('an order that is sealed gains who holds it or its opening back nothing, unless he can guess it', async () => {
    const held = await simulateAttacks({ ...OPTIONS, only: 'sealed order held back' });
    expect(held.map(({ verdict }) => verdict)).toEqual(['no profit', 'no profit']);
    for (const { breakEvenShare, rule } of held) expect(breakEvenShare, rule).toBeGreaterThan(0.5);
    const [opening] = await simulateAttacks({ ...OPTIONS, only: 'opening held back' });
    expect(opening!.verdict).toBe('no profit');
  });

  it('sealed orders are worth nothing as options, against sealed orders or plain ones', async () => {
    const rows = await simulateAttacks({ ...OPTIONS, searchSeeds: 6, seeds: 30, only: 'as options' });
    expect(rows.map(({ rule, verdict }) => [rule, verdict])).toEqual([
      ['sealed (default)', 'no profit'],
      ['against a plain order, no bound', 'no profit'],
    ]);
  });

  it('a registration bot lives on old weights only', async () => {
    const rows = await simulateAttacks({ ...OPTIONS, only: 'registration bot' });
    expect(find(rows, 'do not count')).toMatchObject({ gain: -1, verdict: 'no profit' });
    expect(find(rows, 'as before').gain).toBeGreaterThan(1);
  });
});

// Minutes long, so only where long tests are asked for.
if (isLong) {
  describe('attacks over all seeds', () => {
    it('washing gains nothing where usage alone earns', async () => {
      const rows = await simulateAttacks({ only: 'wash' });
      expect(find(rows, 'usage only').verdict).toBe('no profit');
    });

    it('a whale gains nothing below half of the stake, a copier less the later it sees', async () => {
      const [whale] = await simulateAttacks({ only: 'whale' });
      expect(whale).toMatchObject({ verdict: 'no profit', breakEvenShare: 0.55 });
      const [open, next, later] = await simulateAttacks({ only: 'copier' });
      expect(next!.gain).toBeLessThan(open!.gain);
      expect(later!.gain).toBeLessThan(next!.gain);
    });
  });
}
