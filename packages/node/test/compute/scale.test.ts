import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLoadMeter, decideScale, type ScaleFacts } from '../../src/compute/scale.ts';
import { aComputeTown } from './parts.ts';

const facts = (change: Partial<ScaleFacts> = {}): ScaleFacts => ({
  nowMs: 100_000,
  load: 0,
  queued: 0,
  busy: 0,
  starting: 0,
  idleSinceMs: [],
  ...change,
});
const rules = { minInstances: 0, maxInstances: 4, idleMs: 1_000 };

describe('decideScale', () => {
  it.each<[string, Partial<ScaleFacts>, { start: number; stop: number }]>([
    ['starts one from nothing as soon as a call waits', { queued: 1 }, { start: 1, stop: 0 }],
    ['waits for the one it started', { queued: 1, starting: 1 }, { start: 0, stop: 0 }],
    ['starts as many as the load wants', { load: 2, busy: 1, queued: 3 }, { start: 2, stop: 0 }],
    ['never starts more than there are calls', { load: 9, busy: 1, queued: 1 }, { start: 1, stop: 0 }],
    ['stops at the most it may have', { load: 50, busy: 2, queued: 60 }, { start: 2, stop: 0 }],
    ['keeps an instance that rested a little', { idleSinceMs: [99_500] }, { start: 0, stop: 0 }],
    ['ends those that rested long', { idleSinceMs: [1, 98_000, 99_500] }, { start: 0, stop: 2 }],
  ])('%s', (_, change, decision) => {
    expect(decideScale(facts(change), rules)).toEqual(decision);
  });

  it('keeps as many warm as it was asked to', () => {
    expect(decideScale(facts(), { ...rules, minInstances: 2 })).toEqual({ start: 2, stop: 0 });
    const idle = facts({ idleSinceMs: [1, 2, 3] });
    expect(decideScale(idle, { ...rules, minInstances: 2 })).toEqual({ start: 0, stop: 1 });
  });

  it('never leaves the bounds, and never starts and stops at once', () => {
    const some = fc.record({
      nowMs: fc.constant(100_000),
      load: fc.double({ min: 0, max: 1e6, noNaN: true }),
      queued: fc.nat(200),
      busy: fc.nat(4),
      starting: fc.nat(2),
      idleSinceMs: fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(some, (given) => {
        const { start, stop } = decideScale(given, rules);
        const there = given.busy + given.starting + given.idleSinceMs.length;
        expect(start * stop).toBe(0);
        expect(stop).toBeLessThanOrEqual(given.idleSinceMs.length);
        if (start > 0) expect(there + start).toBeLessThanOrEqual(rules.maxInstances);
        if (given.queued > 0 && there === 0) expect(start).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the load meter', () => {
  it('averages over its window', () => {
    let now = 0;
    const meter = createLoadMeter(() => now, 1_000);
    now = 10_000;
    meter.set(4);
    expect(meter.read()).toBe(0);
    now = 10_500;
    expect(meter.read()).toBe(2);
    meter.set(8);
    now = 11_000;
    expect(meter.read()).toBe(6);
    now = 12_500;
    expect(meter.read()).toBe(8);
  });
});

describe('a function under load', () => {
  it('goes from none to four instances and back to none', async () => {
    await using town = await aComputeTown();
    expect(town.pool.state).toMatchObject({ ready: 0, busy: 0 });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, town.pool.state.busy);
    }, 5);
    const answers = await Promise.all(Array.from({ length: 12 }, () => town.call({ n: 300_000 })));
    clearInterval(watch);
    expect(answers.map(({ answer }) => answer.fault)).toEqual(Array(12).fill(null));
    expect(most).toBe(4);
    expect(town.pool.state.coldStarts).toBeLessThanOrEqual(4);
    await expect
      .poll(() => town.pool.state, { timeout: 10_000 })
      .toMatchObject({ ready: 0, busy: 0, starting: 0 });
    await town.payee.claimAll();
    const paid = town.ledger.claims.reduce((sum, { amount }) => sum + amount, 0n);
    expect(paid).toBe(answers.reduce((sum, { receipt }) => sum + receipt.receipt.price, 0n));
  });
});
