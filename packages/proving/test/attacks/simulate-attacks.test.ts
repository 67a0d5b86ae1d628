import { describe, expect, it } from 'vitest';
import { type Attack, judgeAttack } from '../../src/attacks/attack.ts';
import { silentCopier, weightCopier } from '../../src/attacks/copiers.ts';
import { washTrader } from '../../src/attacks/owners.ts';
import { DOES_NOTHING, playOwner } from '../../src/attacks/subnet-world.ts';
import { openSelfDealer, stakeWhale } from '../../src/attacks/weights.ts';
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

// Few seeds of one strategy: that the verdicts of the long run still stand, not what they are.
const FEW = { seeds: 3, searchSeeds: 1 };
const judgeOne = <P>(attack: Attack<P>, strategy: P, shares: readonly number[] = attack.shares) =>
  judgeAttack({ ...attack, shares, strategies: [strategy], neighbours: () => [] }, FEW);

describe('the verdicts under the rules of a new network', () => {
  const copier = { memory: 1, shrink: 0, hotkeys: 64 };
  const rule = { rule: '', of: 'cairn', delay: 1, isJudged: true } as const;

  it('a copier gains while weights are open, and without evidence loses all below half of the stake', () => {
    const open = weightCopier({ ...rule, delay: 0, isJudged: false });
    expect(judgeOne(open, copier, [0.1]).gain).toBeGreaterThan(0.01);
    const judged = judgeOne(weightCopier(rule), copier, [0.1, 0.45]);
    expect(judged).toMatchObject({ gain: -1, noProfitUpTo: 0.45, breakEvenShare: null, isDefended: true });
    expect(weightCopier(rule).gain(1, 0.55, copier)).toBeGreaterThan(-1);
    expect(weightCopier(rule).gain(1, 0.55, { ...copier, hotkeys: 1 })).toBe(-1);
  });

  it('a copier that denies answers it signed for is refuted below half of the stake', () => {
    const strategy = { memory: 1, pull: 0.4, beyond: 0.02 };
    const refuted = silentCopier({ name: '', rule: '', of: 'cairn', isRefuted: true, isByEvidence: true });
    const row = judgeOne(refuted, strategy, [0.1, 0.45]);
    expect(row).toMatchObject({ noProfitUpTo: 0.45, isDefended: true, beside: [] });
    expect(row.upper).toBeLessThan(-0.5);
    const unrefuted = silentCopier({
      name: '',
      rule: '',
      of: 'comparison',
      isRefuted: false,
      isByEvidence: false,
    });
    expect(refuted.gain(1, 0.55, strategy)).toBe(unrefuted.gain(1, 0.55, strategy));
    // One that leaves nothing out is its twin.
    expect(refuted.gain(1, 0.1, { ...strategy, beyond: 9 })).toBe(0);
  });

  it('what was never asked cannot be refuted, and costs more dividends than it is worth', () => {
    const strategy = { memory: 1, pull: 0.4, beyond: 0.02 };
    const rules = { name: '', rule: '', of: 'cairn', isRefuted: false } as const;
    const stops = silentCopier({ ...rules, isByEvidence: true });
    const whole = silentCopier({ ...rules, isByEvidence: false });
    const row = judgeOne(stops, strategy, [0.1, 0.45]);
    expect(row).toMatchObject({ noProfitUpTo: 0.45, isDefended: true });
    expect(row.upper).toBeLessThan(0);
    const { gain, upper, beside } = judgeOne(whole, strategy, [0.1]);
    expect(upper).toBeLessThan(0.01);
    expect(gain).toBeGreaterThan(-0.01);
    // Three of four epochs without an answer earn nothing.
    expect(row.beside[0]!.gain).toBeLessThan(-0.7);
    expect(beside[0]!.gain).toBeGreaterThan(-0.2);
    expect(stops.gain(1, 0.55, strategy)).toBe(whole.gain(1, 0.55, strategy));
  });

  it.each([stakeWhale, openSelfDealer])('$name gains nothing below half of the stake', (attack) => {
    const row = judgeOne(attack, { self: 0.02 }, [0.33, 0.45, 0.55]);
    expect(row).toMatchObject({ noProfitUpTo: 0.45, isDefended: true });
  });

  it('washing loses', () => {
    expect(washTrader(7, '').gain(1, 0, { burnPerDay: 20, sellPerDay: 0.1 })).toBeLessThan(0);
  });

  it('holding a price up beats staking the same in used subnets under price alone, and not under the default', () => {
    const gainOf = (rule: number, sellPerDay: number): number => {
      const plan = { ...DOES_NOTHING, capital: 0.05, rampDays: 10, exitDays: 10, sellPerDay };
      const [own, others] = (['own', 'others'] as const).map(
        (buys) => playOwner({ seed: 1, rule, days: 60, plan: { ...plan, buys } }).income,
      );
      return own! - others!;
    };
    expect(gainOf(3, 0)).toBeGreaterThan(0);
    expect(gainOf(7, 0.03)).toBeLessThan(0);
  });
});

// Minutes long, so only where long tests are asked for.
if (isLong) {
  describe('attacks over all seeds', () => {
    it('washing gains nothing where usage alone earns', async () => {
      const rows = await simulateAttacks({ only: 'wash' });
      expect(find(rows, 'usage only').verdict).toBe('no profit');
    });

    it('holding a price up gains nothing up to a fifth of the CAIRN of all pools, and does by price alone', async () => {
      const rows = await simulateAttacks({ only: 'holds its price up' });
      expect(find(rows, 'default')).toMatchObject({ noProfitUpTo: 0.2, isDefended: true });
      expect(rows.find(({ of }) => of === 'bittensor')!.gain).toBeGreaterThan(1);
    });
  });
}
