import { describe, expect, it } from 'vitest';
import { type Propose, treasuryCell } from '../../src/index.ts';
import { aKey, CAIRN, type TestKey } from '../support/chain.ts';
import { aParliament, elect, terms, wait } from '../support/governance.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket } from '../support/market.ts';

const payee = aKey(500);

/** Amounts in CAIRN, deadlines as slots. */
const aGrant = (
  milestones: readonly (readonly [amount: bigint, deadline: bigint])[],
  to: TestKey = payee,
): Propose => ({
  ...terms,
  changes: [],
  kind: 'grant',
  title: 'An open model',
  grant: {
    payee: to.account,
    milestones: milestones.map(([amount, deadlineSlot]) => ({ amount: amount * CAIRN, deadlineSlot })),
  },
});

/** A council of three, two of whom agree, and a treasury of 100 CAIRN: a bond that was lost. */
async function withTreasury() {
  const parliament = await aParliament({ stakes: [100n, 1n, 1n, 1n, 1n] });
  const { chain, people, propose, vote, withdraw, send } = parliament;
  elect(parliament, people.slice(1, 4));
  propose(people[1]!, { ...aGrant([[1n, 900n]]), title: 'Nonsense' });
  vote(people[0]!, 2, 'against', 0);
  wait(chain, 10);
  for (const id of [1, 2]) withdraw(people[0]!, id);
  const treasury = () => treasuryCell.get(chain.view) / CAIRN;
  expect(treasury()).toBe(100n);
  const slot = () => BigInt(chain.query('governance_proposal', { proposal: 3 }).openedSlot);
  /** Proposal 3, enacted. */
  function grant(milestones: readonly (readonly [bigint, bigint])[], to?: TestKey) {
    const now = 26n;
    const message = aGrant(
      milestones.map(([amount, after]) => [amount, now + after] as const),
      to,
    );
    expect(propose(people[0]!, message)).toBeNull();
    expect(slot()).toBe(now);
    vote(people[0]!, 3, 'for', 0);
    wait(chain, 10);
    return wait(chain, 3);
  }
  const confirm = (member: number, milestone: number) =>
    send(people[member]!.coldkey, 'completeMilestone', { proposal: 3, milestone });
  const claim = (milestone: number) => send(people[4]!.coldkey, 'claimGrant', { proposal: 3, milestone });
  return { ...parliament, treasury, grant, confirm, claim };
}

describe('a grant', () => {
  it('is paid by milestones that the council confirms, each once', async () => {
    const { chain, treasury, grant, confirm, claim, proposal, withdraw, people } = await withTreasury();
    grant([
      [30n, 20n],
      [50n, 40n],
    ]);
    expect(treasury()).toBe(20n);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(claim(0)).toBe('MILESTONE_NOT_CONFIRMED');
    expect(confirm(4, 0)).toBe('NOT_COUNCIL');
    expect(confirm(1, 0)).toBeNull();
    expect(confirm(1, 0)).toBe('ALREADY_AGREED');
    expect(claim(0)).toBe('MILESTONE_NOT_CONFIRMED');
    expect(confirm(2, 0)).toBeNull();
    expect(confirm(3, 0)).toBe('MILESTONE_SETTLED');
    expect(confirm(3, 2)).toBe('MILESTONE_UNKNOWN');
    expect(claim(0)).toBeNull();
    expect(claim(0)).toBe('MILESTONE_NOT_CONFIRMED');
    expect(chain.spendable(payee)).toBe(30n * CAIRN - 200_000n);
    confirm(1, 1);
    confirm(3, 1);
    expect(claim(1)).toBeNull();
    expect(chain.spendable(payee)).toBe(80n * CAIRN - 200_000n);
    expect(proposal(3).state).toBe('enacted');
    expect(withdraw(people[0]!, 3)).toBeNull();
    expect(proposal(3)).toBeNull();
    expect(claim(1)).toBe('PROPOSAL_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('returns what was not confirmed by its deadline, and pays what was', async () => {
    const { chain, treasury, grant, confirm, claim, proposal } = await withTreasury();
    grant([
      [30n, 20n],
      [50n, 25n],
      [10n, 25n],
    ]);
    confirm(1, 1);
    confirm(2, 1);
    wait(chain, 7);
    expect(treasury()).toBe(10n);
    expect(wait(chain, 1)).toMatchObject([{ name: 'governance.grantReturned', data: { milestone: 0 } }]);
    expect(treasury()).toBe(40n);
    expect(confirm(1, 0)).toBe('MILESTONE_SETTLED');
    expect(wait(chain, 5)).toMatchObject([
      { name: 'governance.grantPaid', data: { milestone: 1 } },
      { name: 'governance.grantReturned', data: { milestone: 2 } },
    ]);
    expect(claim(1)).toBe('MILESTONE_NOT_CONFIRMED');
    expect(treasury()).toBe(50n);
    expect(chain.spendable(payee)).toBe(50n * CAIRN - 200_000n);
    expect(proposal(3)).not.toBeNull();
    expect(chain.query('governance_status', {}).grants).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('beyond what the treasury holds fails and takes nothing', async () => {
    const { chain, treasury, grant, confirm } = await withTreasury();
    expect(grant([[101n, 40n]]).at(-1)).toMatchObject({ name: 'governance.failed' });
    expect(treasury()).toBe(100n);
    expect(confirm(1, 0)).toBe('GRANT_NOT_RUNNING');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is not promised twice out of the same money', async () => {
    const { chain, people, treasury, propose, vote } = await withTreasury();
    for (const id of [3, 4]) {
      propose(people[0]!, aGrant([[60n, 500n]]));
      vote(people[0]!, id, 'for', 0);
    }
    wait(chain, 10);
    const names = wait(chain, 3).map(({ name }) => name);
    expect(names).toEqual(['governance.enacted', 'governance.failed']);
    expect(treasury()).toBe(40n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is not confirmed by who it pays', async () => {
    const { people, grant, confirm } = await withTreasury();
    grant([[10n, 40n]], people[1]!.coldkey);
    expect(confirm(1, 0)).toBe('PAYEE_CONFIRMS');
  });

  it('needs a council, a milestone, an amount and time', async () => {
    const { people, propose } = await aParliament({ stakes: [100n] });
    expect(propose(people[0]!, aGrant([[1n, 900n]]))).toBe('COUNCIL_EMPTY');
    const other = await withTreasury();
    const make = (milestones: readonly (readonly [bigint, bigint])[]) =>
      other.propose(other.people[0]!, aGrant(milestones));
    expect(make([])).toBe('PROPOSAL_MALFORMED');
    expect(make([[0n, 900n]])).toBe('PROPOSAL_MALFORMED');
    expect(make([[1n, 39n]])).toBe('PROPOSAL_MALFORMED');
    expect(make([[1n, 6_000_000n]])).toBe('PROPOSAL_MALFORMED');
    expect(make([[1n, 40n]])).toBeNull();
    const half = 18_446_744_073n;
    expect(
      make([
        [half, 900n],
        [half, 900n],
      ]),
    ).toBe('PROPOSAL_MALFORMED');
  });
});

describe('the treasury', () => {
  it('gets its share of what a block mints, and all shares add up', async () => {
    const { chain } = await aMarket({ parameters: { treasuryShareBps: 200n } });
    const issued = () => BigInt(chain.query('emission_supply', {}).issuance);
    const pooled = () => chain.market().quote;
    const before = [issued(), pooled(), treasuryCell.get(chain.view)] as const;
    chain.block();
    expect(issued() - before[0]).toBe(CAIRN);
    expect(pooled() - before[1]).toBe((CAIRN * 98n) / 100n);
    expect(treasuryCell.get(chain.view) - before[2]).toBe(CAIRN / 50n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gets nothing while no subnet has a neuron', async () => {
    const { chain } = await aParliament({ stakes: [1n], parameters: { treasuryShareBps: 200n } });
    chain.advance(5);
    expect(treasuryCell.get(chain.view)).toBe(0n);
  });
});
