import { describe, expect, it } from 'vitest';
import { readParameters } from '../../src/index.ts';
import { CAIRN } from '../support/chain.ts';
import { aChange, aParliament, aPause, terms, wait } from '../support/governance.ts';
import { brokenInvariants } from '../support/invariants.ts';

describe('a parameter change', () => {
  it('is approved, announced for a slot, and in force from the block after that slot', async () => {
    const { chain, people, propose, vote, proposal } = await aParliament({ stakes: [60n, 40n] });
    expect(propose(people[0]!, aChange())).toBeNull();
    expect(vote(people[0]!, 1, 'for')).toBeNull();
    expect(wait(chain, 9)).toEqual([]);
    expect(proposal(1)).toMatchObject({ state: 'open', wouldBe: 'approved', quorum: `${10n * CAIRN}` });
    expect(wait(chain, 1)).toMatchObject([
      { name: 'governance.approved', data: { proposal: 1, enactSlot: '14', forCapital: `${60n * CAIRN}` } },
    ]);
    expect(proposal(1)).toMatchObject({ state: 'approved', enactSlot: '14' });
    expect(wait(chain, 3)).toEqual([]);
    const outcome = chain.block([], 1);
    const height = Number(chain.query('governance_status', {}).slot) + 1;
    expect(outcome.events).toMatchObject([
      { data: { name: 'feeBase', before: '10000', value: '20000', effectiveHeight: height, slot: '14' } },
      { name: 'governance.enacted', data: { proposal: 1, slot: '14', effectiveHeight: height } },
    ]);
    expect(readParameters(chain.view).feeBase).toBe(20_000n);
    const call = {
      from: people[1]!.coldkey,
      name: 'accounts.close',
      message: { beneficiary: people[0]!.coldkey.account },
    };
    const [after] = chain.block([call], 0).results;
    expect(after!.fee > 20_000n).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('costs in its own block of enactment what it cost before', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    wait(chain, 10);
    const call = {
      from: people[0]!.hotkey,
      name: 'accounts.transfer',
      message: { to: people[0]!.hotkey.account, amount: 1n },
    };
    const fee = (slots: number) => chain.block([call], slots).results[0]!.fee;
    const [before, during, after] = [fee(3), fee(1), fee(1)];
    expect(during).toBe(before);
    expect(after - before).toBe(10_000n);
  });

  it('is enacted once', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    const seen = [10, 4, 1, 30, 100].flatMap((slots) => wait(chain, slots)).map(({ name }) => name);
    expect(seen.filter((name) => name === 'governance.enacted')).toHaveLength(1);
    expect(chain.query('governance_status', {})).toMatchObject({ agenda: 0 });
  });

  it.each([
    ['of an unknown parameter', 'nothing', 1n],
    ['below its bounds', 'votingSlots', 9n],
    ['above its bounds', 'treasuryShareBps', 2_001n],
    ['that only genesis makes', 'slotMs', 2_000n],
    ['of blocks smaller than a transaction', 'maxTransactionBytes', 1_048_577n],
    ['that contradicts another parameter', 'maxBlockBytes', 65_535n],
  ])('%s is refused', async (_, name, value) => {
    const { people, propose } = await aParliament({ stakes: [60n] });
    expect(propose(people[0]!, aChange(value, name))).toBe('PARAMETER_INVALID');
  });

  it('that something enacted before it made impossible fails, and its bond comes back', async () => {
    const { chain, people, propose, vote, proposal } = await aParliament({ stakes: [60n] });
    const before = chain.spendable(people[0]!.coldkey);
    propose(people[0]!, aChange(65_536n, 'maxBlockBytes'));
    propose(people[0]!, aChange(70_000n, 'maxTransactionBytes'));
    vote(people[0]!, 1, 'for');
    vote(people[0]!, 2, 'for');
    wait(chain, 10);
    const events = wait(chain, 4);
    expect(events.at(-1)).toMatchObject({ name: 'governance.failed', data: { proposal: 2 } });
    expect(readParameters(chain.view).maxTransactionBytes).toBe(65_536n);
    expect(proposal(2)).toMatchObject({ state: 'failed', bond: '0' });
    expect(before - chain.spendable(people[0]!.coldkey) < CAIRN).toBe(true);
  });

  it('names several parameters and makes all or none', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [60n] });
    const both = [
      { name: 'feeBase', value: 1n },
      { name: 'feePerByte', value: 2n },
    ];
    expect(propose(people[0]!, { ...aChange(), changes: [...both, both[0]!] })).toBe('PARAMETER_INVALID');
    expect(propose(people[0]!, { ...aChange(), changes: both })).toBeNull();
    vote(people[0]!, 1, 'for');
    wait(chain, 10);
    wait(chain, 4);
    expect(readParameters(chain.view)).toMatchObject({ feeBase: 1n, feePerByte: 2n });
  });
});

describe('a rule version', () => {
  const aVersion = { ...aChange(1n, 'emissionShareRule'), kind: 'ruleVersion' } as const;

  it('is a kind of its own, with more votes and a longer time lock', async () => {
    const { chain, people, propose, vote, proposal } = await aParliament({ stakes: [60n, 40n] });
    expect(propose(people[0]!, { ...aVersion, kind: 'parameter' })).toBe('PROPOSAL_MALFORMED');
    expect(propose(people[0]!, { ...aChange(), kind: 'ruleVersion' })).toBe('PROPOSAL_MALFORMED');
    expect(propose(people[0]!, { ...aVersion, changes: [{ name: 'emissionShareRule', value: 99n }] })).toBe(
      'PARAMETER_INVALID',
    );
    expect(propose(people[0]!, aVersion)).toBeNull();
    expect(propose(people[0]!, aVersion)).toBeNull();
    vote(people[0]!, 1, 'for');
    vote(people[0]!, 2, 'for');
    vote(people[1]!, 2, 'against');
    wait(chain, 10);
    expect(proposal(1)).toMatchObject({ state: 'approved', enactSlot: '16' });
    expect(proposal(2)).toMatchObject({ state: 'rejected' });
  });
});

describe('a proposal', () => {
  it.each([
    ['without a title', { ...aChange(), title: '  ' }],
    ['without terms', { ...aChange(), changes: [] }],
    ['with the terms of another kind', { ...aChange(), kind: 'pause' as const }],
    ['with the terms of two kinds', { ...aChange(), pause: { module: 'channels', slots: 1n } }],
    ['that pauses too long', aPause('channels', 21n)],
    ['that pauses nothing', aPause('nothing')],
    ['that pauses a module without messages', aPause('emission')],
    [
      'of a council of two',
      {
        ...terms,
        changes: [],
        kind: 'council' as const,
        title: 'x',
        council: { members: [new Uint8Array(32), new Uint8Array(32).fill(1)], agreement: 2 },
      },
    ],
  ])('%s is malformed', async (_, message) => {
    const { people, propose } = await aParliament({ stakes: [60n] });
    expect(propose(people[0]!, message)).toBe('PROPOSAL_MALFORMED');
  });

  it('without a quorum expires and gives its bond back, whatever the share of its votes', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [91n, 9n] });
    const before = chain.spendable(people[1]!.coldkey);
    propose(people[1]!, aChange());
    propose(people[1]!, aChange());
    vote(people[1]!, 1, 'for', 6);
    vote(people[1]!, 2, 'against', 6);
    expect(wait(chain, 10)).toMatchObject([
      { name: 'governance.declined', data: { state: 'expired', bondLost: '0' } },
      { name: 'governance.declined', data: { state: 'expired', bondLost: '0' } },
    ]);
    expect(before - chain.spendable(people[1]!.coldkey) < CAIRN).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is not carried by votes against it: the quorum is of those in favour', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [9n, 5n, 86n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for', 6);
    vote(people[1]!, 1, 'against', 0);
    expect(wait(chain, 10)[0]).toMatchObject({ data: { state: 'rejected', bondLost: '0' } });
  });

  it('that more than two thirds reject loses its bond to the treasury', async () => {
    const { chain, people, propose, vote, proposal } = await aParliament({ stakes: [30n, 70n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    vote(people[1]!, 1, 'against');
    expect(wait(chain, 10)[0]).toMatchObject({ data: { state: 'rejected', bondLost: `${100n * CAIRN}` } });
    expect(chain.query('governance_status', {}).treasury).toBe(`${100n * CAIRN}`);
    expect(proposal(1)).toMatchObject({ state: 'rejected', bond: '0' });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('that less than two thirds reject keeps its bond', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [40n, 60n] });
    propose(people[0]!, aChange());
    vote(people[0]!, 1, 'for');
    vote(people[1]!, 1, 'against');
    expect(wait(chain, 10)[0]).toMatchObject({ data: { state: 'rejected', bondLost: '0' } });
  });

  it('can be taken back by its proposer while nobody is against it', async () => {
    const { chain, people, propose, vote, send, withdraw, proposal } = await aParliament({
      stakes: [30n, 70n],
    });
    const [proposer, other] = [people[0]!, people[1]!];
    propose(proposer, aChange());
    propose(proposer, aChange());
    expect(send(other.coldkey, 'cancelProposal', { proposal: 1 })).toBe('NOT_PROPOSER');
    expect(send(other.coldkey, 'cancelProposal', { proposal: 7 })).toBe('PROPOSAL_UNKNOWN');
    vote(other, 1, 'against', 0);
    expect(send(proposer.coldkey, 'cancelProposal', { proposal: 1 })).toBe('PROPOSAL_OPPOSED');
    withdraw(other, 1);
    vote(other, 1, 'for');
    expect(send(proposer.coldkey, 'cancelProposal', { proposal: 1 })).toBeNull();
    expect(send(proposer.coldkey, 'cancelProposal', { proposal: 1 })).toBe('PROPOSAL_NOT_OPEN');
    expect(vote(other, 1, 'for')).toBe('PROPOSAL_NOT_OPEN');
    expect(withdraw(other, 1)).toBeNull();
    expect(proposal(1)).toBeNull();
    expect(send(proposer.coldkey, 'cancelProposal', { proposal: 2 })).toBeNull();
    expect(proposal(2)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('many proposals', () => {
  it('cost twice as much with each four, and leave room for a pause', async () => {
    const { chain, people, propose } = await aParliament({
      stakes: [60n],
      parameters: { proposalBond: CAIRN, maxOpenProposals: 12n },
    });
    const bonds = Array.from({ length: 8 }, () => {
      const { bond } = chain.query('governance_status', {});
      expect(propose(people[0]!, aChange())).toBeNull();
      return BigInt(bond) / CAIRN;
    });
    expect(bonds).toEqual([1n, 1n, 1n, 1n, 2n, 2n, 2n, 2n]);
    expect(propose(people[0]!, aChange())).toBe('AGENDA_FULL');
    for (let pauses = 0; pauses < 4; pauses += 1) expect(propose(people[0]!, aPause())).toBeNull();
    expect(propose(people[0]!, aPause())).toBe('AGENDA_FULL');
    wait(chain, 10);
    expect(chain.query('governance_status', {})).toMatchObject({ agenda: 0, bond: `${CAIRN}` });
    expect(chain.query('governance_proposals', {})).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('bind no more than the proposer allows', async () => {
    const { people, propose } = await aParliament({ stakes: [60n] });
    expect(propose(people[0]!, { ...aChange(), bondLimit: 99n * CAIRN })).toBe('BOND_LIMIT_EXCEEDED');
    expect(propose(people[0]!, { ...aChange(), bondLimit: 100n * CAIRN })).toBeNull();
  });

  it('need a bond that the proposer has', async () => {
    const { people, propose } = await aParliament({
      stakes: [60n],
      parameters: { proposalBond: 200_000n * CAIRN },
    });
    expect(propose(people[0]!, aChange())).toBe('BALANCE_TOO_LOW');
  });

  it('are listed in pages', async () => {
    const { chain, people, propose } = await aParliament({ stakes: [60n] });
    for (let made = 0; made < 3; made += 1) propose(people[0]!, aChange());
    const ids = (params: object) =>
      chain.query('governance_proposals', params).map(({ id }: { id: number }) => id);
    expect(ids({})).toEqual([1, 2, 3]);
    expect(ids({ after: 1, limit: 1 })).toEqual([2]);
  });
});
