import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clock } from '../../src/emission/clock.ts';
import { createOverlay, departures, hotkeys, SLASH_WHOLE, slashHotkey } from '../../src/index.ts';
import type { TestChain, TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { ann, aStakingChain, ben, CAIRN, east, west, worthOf } from '../support/staking.ts';

const WAIT = 5n;
const stakeTo = (hotkey: TestKey, amount: bigint) => ({ hotkey: hotkey.account, amount });
const allOf = (hotkey: TestKey) => ({ hotkey: hotkey.account, amount: null });
const move = (from: TestKey, to: TestKey, amount: bigint | null = null) => ({
  netuid: 0,
  from: from.account,
  to: to.account,
  amount,
});

async function aWaitingChain(parameters: Record<string, bigint> = {}) {
  const chain = await aStakingChain({ unbondingSlots: WAIT, ...parameters });
  expect(chain.send(ann, 'staking.stake', stakeTo(east, 10n * CAIRN))).toBeNull();
  return chain;
}

const waitingOf = (chain: TestChain, key: TestKey) =>
  chain.query('staking_unbonding', { coldkey: accountIdToAddress(key.account) });

/** Slashes as a rule of a block would: before its transactions. */
function slash(chain: TestChain, hotkey: TestKey, offenceHeight: number, percent: bigint): void {
  chain.edit((state) => {
    slashHotkey(
      { state, block: { height: heightOf(chain) + 1 }, emit: () => {} },
      hotkey.account,
      offenceHeight,
      (SLASH_WHOLE * percent) / 100n,
    );
  });
}
/** Height of the latest block: every block of these tests accrues one slot. */
const heightOf = (chain: TestChain) => Number(clock.get(chain.view).slot);

describe('unstaked CAIRN', () => {
  it('waits out the unbonding time, earns nothing, and is then paid by itself', async () => {
    const chain = await aWaitingChain();
    const before = chain.spendable(ann);
    const outcome = chain.block([{ from: ann, name: 'staking.unstake', message: allOf(east) }]);
    const paid = outcome.results[0]!.fee;
    expect(chain.spendable(ann) <= before - paid + 1_000_000n).toBe(true);
    expect(waitingOf(chain, ann)).toMatchObject([
      { hotkey: accountIdToAddress(east.account), to: null, amount: (10n * CAIRN).toString() },
    ]);
    expect(chain.supply().staked).toBe(0n);
    expect(brokenInvariants(chain)).toEqual([]);
    chain.advance(4);
    expect(waitingOf(chain, ann)).toHaveLength(1);
    chain.advance(1);
    expect(waitingOf(chain, ann)).toEqual([]);
    expect(chain.spendable(ann) > before - paid + 9n * CAIRN).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is paid at once where a network lets nothing wait', async () => {
    const chain = await aStakingChain({ unbondingSlots: 0n });
    chain.send(ann, 'staking.stake', stakeTo(east, 10n * CAIRN));
    chain.send(ann, 'staking.unstake', allOf(east));
    expect(departures.get(chain.view, ann.account)).toEqual([]);
    expect(chain.spendable(ann) > 99_999n * CAIRN).toBe(true);
  });

  it('keeps an account open, and refuses more departures than it may list', async () => {
    const chain = await aWaitingChain({ unbondingSlots: 100n });
    for (let n = 0; n < 16; n += 1)
      expect(chain.send(ann, 'staking.unstake', stakeTo(east, CAIRN / 10n)), `${n}`).toBeNull();
    expect(chain.send(ann, 'staking.unstake', allOf(east))).toBe('UNBONDING_FULL');
    expect(chain.send(ann, 'staking.moveStake', move(east, west))).toBe('UNBONDING_FULL');
    expect(chain.send(ann, 'accounts.close', { beneficiary: ben.account })).toBe('ACCOUNT_HAS_RECORDS');
    chain.advance(100);
    expect(chain.send(ann, 'staking.unstake', allOf(east))).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is paid on request when a flood of others is before it, and only once', async () => {
    const chain = await aWaitingChain({ releasesPerBlock: 1n });
    chain.send(ben, 'staking.stake', stakeTo(east, 10n * CAIRN));
    const flood = Array.from({ length: 8 }, () => ({
      from: ben,
      name: 'staking.unstake',
      message: stakeTo(east, CAIRN / 10n),
    }));
    chain.block([...flood, { from: ann, name: 'staking.unstake', message: allOf(east) }]);
    const mine = { coldkey: ann.account };
    expect(chain.send(ben, 'staking.release', mine)).toBe('NOTHING_DUE');
    chain.advance(4);
    expect(departures.get(chain.view, ann.account)).toHaveLength(1);
    const before = chain.spendable(ann);
    expect(chain.send(ben, 'staking.release', mine)).toBeNull();
    expect(chain.spendable(ann) - before > 10n * CAIRN).toBe(true);
    expect(chain.send(ben, 'staking.release', mine)).toBe('NOTHING_DUE');
    // A new departure does not stop those that wait behind the turn that was used up.
    chain.send(ann, 'staking.stake', stakeTo(east, CAIRN));
    chain.send(ann, 'staking.unstake', allOf(east));
    chain.advance(12);
    expect([departures.get(chain.view, ann.account), departures.get(chain.view, ben.account)]).toEqual([
      [],
      [],
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('a slash of a hotkey', () => {
  it('takes the same part from who stays, who unstaked since and who moved since, and from nobody else', async () => {
    const chain = await aWaitingChain({ unbondingSlots: 20n });
    chain.send(ben, 'staking.stake', stakeTo(east, 30n * CAIRN));
    chain.send(ann, 'staking.stake', stakeTo(west, 10n * CAIRN));
    chain.send(ben, 'staking.unstake', stakeTo(east, 4n * CAIRN));
    const offence = heightOf(chain) + 1;
    chain.send(ann, 'staking.unstake', stakeTo(east, 4n * CAIRN));
    chain.send(ben, 'staking.moveStake', move(east, west, 6n * CAIRN));
    chain.send(ann, 'staking.stake', stakeTo(west, 2n * CAIRN));
    slash(chain, east, offence, 25n);
    expect(worthOf(chain, 0, ann, east)).toBe((6n * CAIRN * 3n) / 4n);
    expect(worthOf(chain, 0, ben, east)).toBe((20n * CAIRN * 3n) / 4n);
    // What left before the offence, and what leaves after the slash, is not cut (again).
    chain.send(ann, 'staking.unstake', allOf(east));
    const left = (key: TestKey) => waitingOf(chain, key).map((entry: { left: string }) => BigInt(entry.left));
    expect(left(ben)).toEqual([4n * CAIRN, (6n * CAIRN * 3n) / 4n]);
    expect(left(ann)).toEqual([3n * CAIRN, (6n * CAIRN * 3n) / 4n]);
    chain.advance(25);
    expect([departures.get(chain.view, ann.account), departures.get(chain.view, ben.account)]).toEqual([
      [],
      [],
    ]);
    expect(worthOf(chain, 0, ben, west)).toBe((6n * CAIRN * 3n) / 4n);
    expect(worthOf(chain, 0, ann, west)).toBe(12n * CAIRN);
    // 1.5 and 5 of those who stayed, 1 of who unstaked, 1.5 of who moved.
    expect(chain.supply().burned).toBe(9n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('reaches moved stake that was unstaked since, and lets none of it move on or be given away', async () => {
    const chain = await aWaitingChain({ unbondingSlots: 20n });
    const offence = heightOf(chain);
    expect(chain.send(ann, 'staking.moveStake', move(east, west))).toBeNull();
    expect(chain.send(ann, 'staking.moveStake', move(west, east))).toBe('STAKE_LIABLE');
    const gift = { netuid: 0, hotkey: west.account, to: ben.account, amount: CAIRN };
    expect(chain.send(ann, 'staking.transferStake', gift)).toBe('STAKE_LIABLE');
    expect(chain.send(ann, 'staking.unstake', allOf(west))).toBeNull();
    slash(chain, east, offence, 50n);
    chain.advance(30);
    expect(chain.supply().burned).toBe(5n * CAIRN);
    expect(chain.supply().staked).toBe(0n);
    expect(departures.get(chain.view, ann.account)).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves a hotkey in order whose whole stake is lost', async () => {
    const chain = await aWaitingChain();
    slash(chain, east, heightOf(chain), 100n);
    expect(hotkeys.get(chain.view, east.account)?.totalStake).toBe(0n);
    expect(chain.send(ben, 'staking.stake', stakeTo(east, CAIRN))).toBe('STAKE_TOO_SMALL');
    expect(chain.send(ann, 'staking.unstake', allOf(east))).toBeNull();
    expect(chain.send(ben, 'staking.stake', stakeTo(east, CAIRN))).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('does the same each time it is computed', async () => {
    const chain = await aWaitingChain();
    const [one, other] = [createOverlay(chain.view), createOverlay(chain.view)];
    for (const state of [one, other])
      slashHotkey({ state, block: { height: 9 }, emit: () => {} }, east.account, 1, SLASH_WHOLE / 3n);
    expect(one.changes()).toEqual(other.changes());
  });

  it('keeps all money accounted for in random histories, and frees everything in the end', async () => {
    const who = fc.constantFrom(ann, ben);
    const [at, to] = [fc.constantFrom(east, west), fc.constantFrom(east, west)];
    const amount = fc.option(fc.bigInt({ min: 1n, max: 60n * CAIRN }));
    const kind = fc.constantFrom('stake', 'unstake', 'unstake', 'move', 'keep', 'swap', 'slash', 'wait');
    const step = fc.record({ kind, who, at, to, amount, back: fc.nat(12), percent: fc.bigInt(1n, 90n) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
        const chain = await aWaitingChain({ unbondingSlots: 8n });
        for (const action of steps) {
          const hotkey = action.at.account;
          if (action.kind === 'slash')
            slash(chain, action.at, Math.max(0, heightOf(chain) - action.back), action.percent);
          else if (action.kind === 'wait') chain.advance(action.back);
          else if (action.kind === 'move')
            chain.send(action.who, 'staking.moveStake', move(action.at, action.to, action.amount));
          else if (action.kind === 'stake')
            chain.send(action.who, 'staking.stake', { hotkey, amount: action.amount ?? CAIRN });
          else if (action.kind === 'unstake')
            chain.send(action.who, 'staking.unstake', { hotkey, amount: action.amount });
          else {
            const choice = { hotkey, kind: action.kind, amount: action.amount };
            chain.send(action.who, 'staking.setRootClaim', choice);
          }
          expect(brokenInvariants(chain), action.kind).toEqual([]);
        }
        chain.advance(10);
        expect([ann, ben].flatMap((key) => departures.get(chain.view, key.account))).toEqual([]);
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 25, seed: 20_260_703 },
    );
  });
});
