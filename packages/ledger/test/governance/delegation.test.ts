import { describe, expect, it } from 'vitest';
import { aChange, addressOf, aParliament, wait } from '../support/governance.ts';
import { brokenInvariants } from '../support/invariants.ts';

describe('delegated stake', () => {
  it('counts with the delegate, on votes cast before and after', async () => {
    const { chain, people, propose, vote, delegate, tally } = await aParliament({ stakes: [10n, 20n, 70n] });
    const [voter, lender] = [people[0]!, people[1]!];
    propose(voter, aChange());
    propose(voter, aChange());
    vote(voter, 1, 'for', 1);
    expect(delegate(lender, voter, 2)).toBeNull();
    vote(voter, 2, 'against', 1);
    expect(tally(1).for).toEqual([30, 500]);
    expect(tally(2).against).toEqual([30, 500]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('votes for a delegate that has no stake of its own', async () => {
    const { chain, people, propose, vote, delegate, tally } = await aParliament({ stakes: [0n, 20n] });
    propose(people[1]!, aChange());
    delegate(people[1]!, people[0]!);
    expect(vote(people[0]!, 1, 'for', 0, [])).toBeNull();
    expect(tally(1).for).toEqual([20, 200]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('votes itself when its owner does, whoever votes first, and goes back when the owner withdraws', async () => {
    for (const isOwnerFirst of [true, false]) {
      const { chain, people, propose, vote, withdraw, delegate, tally } = await aParliament({
        stakes: [10n, 20n],
      });
      const [voter, lender] = [people[0]!, people[1]!];
      propose(voter, aChange());
      delegate(lender, voter, 1);
      if (isOwnerFirst) vote(lender, 1, 'against', 1);
      vote(voter, 1, 'for', 1);
      if (!isOwnerFirst) vote(lender, 1, 'against', 1);
      expect(tally(1), `owner first: ${isOwnerFirst}`).toEqual({ for: [10, 100], against: [20, 200] });
      expect(brokenInvariants(chain)).toEqual([]);
      expect(withdraw(lender, 1)).toBeNull();
      expect(tally(1), `owner first: ${isOwnerFirst}`).toEqual({ for: [30, 300], against: [0, 0] });
      expect(withdraw(voter, 1)).toBeNull();
      expect(tally(1)).toEqual({ for: [0, 0], against: [0, 0] });
      expect(brokenInvariants(chain)).toEqual([]);
    }
  });

  it('that is taken back counts no more, with or without an own vote', async () => {
    const { chain, people, propose, vote, delegate, undelegate, tally } = await aParliament({
      stakes: [10n, 20n, 40n],
    });
    const [voter, lender, both] = [people[0]!, people[1]!, people[2]!];
    propose(voter, aChange());
    delegate(lender, voter, 1);
    delegate(both, voter, 1);
    vote(voter, 1, 'for', 1);
    vote(both, 1, 'for', 0);
    expect(tally(1).for).toEqual([70, 340]);
    expect(undelegate(lender, voter)).toBeNull();
    expect(undelegate(both, voter)).toBeNull();
    expect(tally(1).for).toEqual([50, 140]);
    expect(undelegate(both, voter)).toBe('NOT_DELEGATED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('counts once in a circle', async () => {
    const { chain, people, propose, vote, delegate, tally } = await aParliament({ stakes: [10n, 20n, 40n] });
    const [a, b, c] = [people[0]!, people[1]!, people[2]!];
    propose(a, aChange());
    delegate(a, b);
    delegate(b, c);
    delegate(c, a);
    vote(a, 1, 'for');
    expect(tally(1).for).toEqual([50, 500]);
    vote(b, 1, 'for');
    expect(tally(1).for).toEqual([70, 700]);
    vote(c, 1, 'for');
    expect(tally(1).for).toEqual([70, 700]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('goes one step and no further', async () => {
    const { people, propose, vote, delegate, tally } = await aParliament({ stakes: [10n, 20n, 40n] });
    const [a, b, c] = [people[0]!, people[1]!, people[2]!];
    propose(a, aChange());
    delegate(a, b);
    delegate(b, c);
    vote(c, 1, 'for');
    expect(tally(1).for).toEqual([60, 600]);
  });

  it('is locked while it is lent, and by its conviction after', async () => {
    const { chain, people, delegate, undelegate, unstake } = await aParliament({ stakes: [10n, 20n, 30n] });
    delegate(people[1]!, people[0]!, 2);
    delegate(people[2]!, people[0]!, 0);
    wait(chain, 10);
    wait(chain, 10);
    wait(chain, 10);
    expect(unstake(people[1]!)).toBe('STAKE_LOCKED');
    undelegate(people[1]!, people[0]!);
    undelegate(people[2]!, people[0]!);
    expect(unstake(people[2]!)).toBeNull();
    wait(chain, 10);
    wait(chain, 9);
    expect(unstake(people[1]!)).toBe('STAKE_LOCKED');
    wait(chain, 1);
    expect(unstake(people[1]!)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is not changed by a delegation that ends after the vote', async () => {
    const { chain, people, propose, vote, delegate, undelegate, withdraw, proposal } = await aParliament({
      stakes: [10n, 20n],
    });
    const [voter, lender] = [people[0]!, people[1]!];
    propose(voter, aChange());
    delegate(lender, voter);
    vote(voter, 1, 'for');
    vote(lender, 1, 'for');
    wait(chain, 10);
    const { votesFor } = proposal(1);
    undelegate(lender, voter);
    expect(proposal(1).votesFor).toEqual(votesFor);
    wait(chain, 4);
    withdraw(lender, 1);
    withdraw(voter, 1);
    expect(proposal(1)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is refused to oneself, to nobody, twice, and without stake', async () => {
    const { chain, people, delegate, send } = await aParliament({ stakes: [10n, 20n] });
    const [a, b] = [people[0]!, people[1]!];
    expect(delegate(a, a)).toBe('DELEGATE_IS_SENDER');
    const nobody = { to: new Uint8Array(32).fill(9), conviction: 0, hotkeys: [a.hotkey.account] };
    expect(send(a.coldkey, 'delegateVotes', nobody)).toBe('ACCOUNT_UNKNOWN');
    expect(delegate(a, b, 0, [])).toBe('VOTE_EMPTY');
    expect(delegate(a, b, 0, [b.hotkey.account])).toBe('STAKE_UNKNOWN');
    expect(delegate(a, b)).toBeNull();
    expect(delegate(a, b)).toBe('ALREADY_DELEGATED');
    expect(chain.query('governance_voter', { voter: addressOf(b.coldkey) })).toMatchObject({
      delegators: 1,
      lent: { capital: '10000000000' },
      delegation: null,
    });
  });
});
