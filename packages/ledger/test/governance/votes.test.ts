import { encode, SUPPLY_CAP } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { powerOf, votingPowerShape } from '../../src/governance/power.ts';
import { CAIRN } from '../support/chain.ts';
import { aChange, aParliament, wait } from '../support/governance.ts';
import { brokenInvariants } from '../support/invariants.ts';

describe('conviction', () => {
  it.each([
    [0, 6],
    [1, 60],
    [6, 360],
  ])('of %i steps makes 60 CAIRN weigh %i tenths', async (conviction, weight) => {
    const { people, propose, vote, tally } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    expect(vote(people[0]!, 1, 'for', conviction)).toBeNull();
    expect(tally(1).for).toEqual([60, conviction === 0 ? 60 : weight * 10]);
  });

  it('beyond six steps is unknown', async () => {
    const { people, propose, vote, delegate } = await aParliament({ stakes: [60n, 1n] });
    propose(people[0]!, aChange());
    expect(vote(people[0]!, 1, 'for', 7)).toBe('CONVICTION_UNKNOWN');
    expect(delegate(people[0]!, people[1]!, 7)).toBe('CONVICTION_UNKNOWN');
  });

  it('of all there can ever be fits into a record', () => {
    expect(() => encode(votingPowerShape, powerOf(SUPPLY_CAP, 6))).not.toThrow();
  });

  it('keeps the stake of who prevailed until its steps are over', async () => {
    const { chain, people, propose, vote, withdraw, unstake } = await aParliament({
      stakes: [60n, 20n, 20n],
    });
    const [winner, loser, lukewarm] = [people[0]!, people[1]!, people[2]!];
    propose(winner, aChange());
    vote(winner, 1, 'for', 2);
    vote(loser, 1, 'against', 6);
    vote(lukewarm, 1, 'for', 0);
    wait(chain, 10);
    for (const person of [winner, loser, lukewarm]) {
      expect(unstake(person)).toBe('STAKE_LOCKED');
      expect(withdraw(person, 1)).toBeNull();
    }
    expect(unstake(loser)).toBeNull();
    expect(unstake(lukewarm)).toBeNull();
    expect(unstake(winner)).toBe('STAKE_LOCKED');
    wait(chain, 10);
    expect(unstake(winner)).toBe('STAKE_LOCKED');
    wait(chain, 9);
    expect(unstake(winner)).toBe('STAKE_LOCKED');
    wait(chain, 1);
    expect(unstake(winner)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('binds as long as it did at the vote, whatever the vote makes of it', async () => {
    const { chain, people, propose, vote, delegate, undelegate, withdraw, unstake } = await aParliament({
      stakes: [60n, 40n],
    });
    propose(people[0]!, aChange(1_000_000n, 'convictionSlots'));
    vote(people[0]!, 1, 'for', 1);
    delegate(people[1]!, people[0]!, 1);
    wait(chain, 10);
    wait(chain, 4);
    withdraw(people[0]!, 1);
    undelegate(people[1]!, people[0]!);
    expect(unstake(people[0]!)).toBe('STAKE_LOCKED');
    wait(chain, 6);
    expect(unstake(people[0]!)).toBeNull();
    expect(unstake(people[1]!)).toBe('STAKE_LOCKED');
    wait(chain, 4);
    expect(unstake(people[1]!)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('binds those who were against when it was rejected', async () => {
    const { chain, people, propose, vote, withdraw, unstake } = await aParliament({ stakes: [40n, 60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for', 3);
    vote(people[1]!, 1, 'against', 3);
    wait(chain, 10);
    withdraw(people[0]!, 1);
    withdraw(people[1]!, 1);
    expect(unstake(people[0]!)).toBeNull();
    expect(unstake(people[1]!)).toBe('STAKE_LOCKED');
  });
});

describe('a vote', () => {
  it('replaces the earlier one of the same account', async () => {
    const { chain, people, propose, vote, tally, proposal } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for', 6);
    vote(people[0]!, 1, 'for', 6);
    vote(people[0]!, 1, 'against', 1);
    expect(tally(1)).toEqual({ for: [0, 0], against: [60, 600] });
    expect(proposal(1).votes).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each([
    ['at the slot at which the vote ends', 10],
    ['long after', 13],
  ])('%s is refused', async (_, slots) => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [60n, 40n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    const late = {
      from: people[1]!.coldkey,
      name: 'governance.vote',
      message: { proposal: 1, side: 'against', conviction: 6, hotkeys: [people[1]!.hotkey.account] },
    };
    expect(chain.block([late], slots).results[0]!.problem?.code).toBe('PROPOSAL_NOT_OPEN');
    expect(vote(people[1]!, 1, 'against')).toBe('PROPOSAL_NOT_OPEN');
  });

  it('needs stake of its own, named once', async () => {
    const { people, propose, vote } = await aParliament({ stakes: [60n, 40n] });
    const [one, other] = [people[0]!, people[1]!];
    propose(one, aChange());
    const { account } = one.hotkey;
    expect(vote(one, 1, 'for', 1, [account, account])).toBe('HOTKEY_REPEATED');
    expect(vote(one, 1, 'for', 1, [other.hotkey.account])).toBe('STAKE_UNKNOWN');
    expect(vote(one, 1, 'for', 1, [])).toBe('VOTE_EMPTY');
    expect(vote(one, 9, 'for')).toBe('PROPOSAL_UNKNOWN');
  });

  it('counts stake by what it is worth when it is cast, so dividends count from the next vote on', async () => {
    const { chain, people, propose, vote, tally } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    expect(
      chain.block(
        [
          {
            from: people[0]!.coldkey,
            name: 'staking.stake',
            message: { hotkey: people[0]!.hotkey.account, amount: 40n * CAIRN },
          },
        ],
        0,
      ).results[0]!.ok,
    ).toBe(true);
    expect(tally(1).for[0]).toBe(60);
    vote(people[0]!, 1, 'for');
    expect(tally(1).for[0]).toBe(100);
  });

  it('is taken back by its voter while the vote goes on, and cleared away by anyone after it', async () => {
    const { chain, people, propose, vote, withdraw, tally, proposal } = await aParliament({
      stakes: [60n, 40n],
    });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    vote(people[1]!, 1, 'for');
    expect(withdraw(people[0]!, 1, people[1]!)).toBe('NOT_VOTER');
    expect(withdraw(people[1]!, 1)).toBeNull();
    expect(withdraw(people[1]!, 1)).toBe('VOTE_UNKNOWN');
    expect(tally(1).for[0]).toBe(60);
    wait(chain, 10);
    wait(chain, 4);
    expect(proposal(1).state).toBe('enacted');
    expect(withdraw(people[1]!, 1, people[0]!)).toBeNull();
    expect(proposal(1)).toBeNull();
    expect(withdraw(people[1]!, 1, people[0]!)).toBe('PROPOSAL_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('on one proposal leaves the same stake for another', async () => {
    const { chain, people, propose, vote, withdraw, unstake, tally } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    vote(people[0]!, 2, 'against');
    expect([tally(1).for[0], tally(2).against[0]]).toEqual([60, 60]);
    withdraw(people[0]!, 1);
    expect(unstake(people[0]!)).toBe('STAKE_LOCKED');
    withdraw(people[0]!, 2);
    expect(unstake(people[0]!)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('stake that moves', () => {
  it('counts once: it cannot leave its position while it votes, and takes its vote with it when it does', async () => {
    const { chain, people, propose, vote, withdraw, unstake, tally, send } = await aParliament({
      stakes: [60n, 0n],
    });
    const [whale, accomplice] = [people[0]!, people[1]!];
    propose(whale, aChange());
    expect(vote(whale, 1, 'for', 0)).toBeNull();
    // Out of the position: all of it, a part of it, and through a batch.
    expect(unstake(whale)).toBe('STAKE_LOCKED');
    expect(unstake(whale, CAIRN)).toBe('STAKE_LOCKED');
    expect(send(whale.coldkey, 'withdrawVote', { proposal: 1, voter: accomplice.coldkey.account })).toBe(
      'VOTE_UNKNOWN',
    );
    // Gives the vote up, moves the money to another account, and votes with it there.
    expect(withdraw(whale, 1)).toBeNull();
    expect(unstake(whale)).toBeNull();
    expect(
      chain.send(whale.coldkey, 'accounts.transfer', { to: accomplice.coldkey.account, amount: 60n * CAIRN }),
    ).toBeNull();
    expect(
      chain.send(accomplice.coldkey, 'staking.stake', {
        hotkey: accomplice.hotkey.account,
        amount: 60n * CAIRN,
      }),
    ).toBeNull();
    expect(vote(accomplice, 1, 'for', 0)).toBeNull();
    expect(tally(1).for[0]).toBe(60);
    expect(vote(whale, 1, 'for', 0)).toBe('STAKE_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('beyond what voted can leave', async () => {
    const { people, chain, propose, vote, unstake } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    chain.send(people[0]!.coldkey, 'staking.stake', {
      hotkey: people[0]!.hotkey.account,
      amount: 40n * CAIRN,
    });
    expect(unstake(people[0]!, 41n * CAIRN)).toBe('STAKE_LOCKED');
    expect(unstake(people[0]!, 40n * CAIRN)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
