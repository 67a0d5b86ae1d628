import { hexToBytes } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { readParameters } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import {
  aChange,
  aCouncil,
  addressOf,
  aParliament,
  aPause,
  elect,
  GOVERNANCE_PARAMETERS,
  wait,
} from '../support/governance.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, expectDone, untilEpoch } from '../support/market.ts';

const stakes = [100n, 1n, 1n, 1n, 1n];

const batchOf = (from: TestKey, name: string, message: unknown) => ({
  from,
  name: 'accounts.batch',
  message: { calls: [aCall(name, message)] },
});

/** A council of the people 1, 2 and 3, of whom two have to agree. */
async function withCouncil() {
  const parliament = await aParliament({ stakes });
  elect(parliament, parliament.people.slice(1, 4));
  const act = (member: number, proposal: number, action: 'delay' | 'cancel') =>
    parliament.send(parliament.people[member]!.coldkey, 'councilAct', { proposal, action });
  return { ...parliament, act };
}

describe('the council', () => {
  it('begins with nobody and is elected', async () => {
    const parliament = await aParliament({ stakes });
    const { chain, people } = parliament;
    expect(chain.query('governance_status', {}).council).toEqual({ members: [], agreement: 0 });
    elect(parliament, people.slice(1, 4));
    expect(chain.query('governance_status', {}).council).toEqual({
      members: people.slice(1, 4).map(({ coldkey }) => addressOf(coldkey)),
      agreement: 2,
    });
  });

  it.each([
    ['one that agrees alone', 1],
    ['half of them', 2],
    ['more than there are', 5],
  ])('of four is not led by %s', async (_, agreement) => {
    const { people, propose } = await aParliament({ stakes });
    const members = people.slice(1, 5).map(({ coldkey }) => coldkey);
    expect(propose(people[0]!, aCouncil(members, agreement))).toBe('PROPOSAL_MALFORMED');
    expect(propose(people[0]!, aCouncil([...members.slice(1), members[1]!], 3))).toBe('PROPOSAL_MALFORMED');
    expect(propose(people[0]!, aCouncil(members, 3))).toBeNull();
  });

  it('cancels what is voted on or waits, two of three agreeing, and the bond comes back', async () => {
    const { chain, people, propose, vote, act, proposal } = await withCouncil();
    const before = chain.spendable(people[0]!.coldkey);
    propose(people[0]!, aChange());
    propose(people[0]!, aChange());
    vote(people[0]!, 3, 'for');
    expect(act(0, 2, 'cancel')).toBe('NOT_COUNCIL');
    expect(act(1, 2, 'cancel')).toBeNull();
    expect(act(1, 2, 'cancel')).toBe('ALREADY_AGREED');
    expect(proposal(2).state).toBe('open');
    expect(act(2, 2, 'cancel')).toBeNull();
    expect(proposal(2)).toBeNull();
    wait(chain, 10);
    act(1, 3, 'cancel');
    act(3, 3, 'cancel');
    expect(proposal(3)).toMatchObject({ state: 'cancelled', bond: '0' });
    expect(act(2, 3, 'cancel')).toBe('PROPOSAL_NOT_OPEN');
    wait(chain, 10);
    expect(readParameters(chain.view).feeBase).toBe(10_000n);
    expect(before - chain.spendable(people[0]!.coldkey) < 1_000_000_000n).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('puts an enactment off once', async () => {
    const { chain, people, propose, vote, act, proposal } = await withCouncil();
    propose(people[0]!, aChange());
    vote(people[0]!, 2, 'for');
    expect(act(1, 2, 'delay')).toBe('PROPOSAL_NOT_OPEN');
    wait(chain, 10);
    const { enactSlot } = proposal(2);
    act(1, 2, 'delay');
    act(2, 2, 'delay');
    expect(proposal(2)).toMatchObject({ enactSlot: String(Number(enactSlot) + 5), isDelayed: true });
    expect(act(3, 2, 'delay')).toBe('ALREADY_DELAYED');
    wait(chain, 8);
    expect(proposal(2).state).toBe('approved');
    wait(chain, 1);
    expect(proposal(2).state).toBe('enacted');
  });

  it('cannot cancel its own replacement, and who is replaced counts no more', async () => {
    const { chain, people, propose, vote, act, proposal } = await withCouncil();
    propose(people[0]!, aChange());
    expect(act(1, 2, 'cancel')).toBeNull();
    const members = people.slice(2, 5).map(({ coldkey }) => coldkey);
    propose(people[0]!, aCouncil(members));
    vote(people[0]!, 3, 'for');
    expect(act(2, 3, 'cancel')).toBe('COUNCIL_BOUND');
    wait(chain, 9);
    propose(people[0]!, aChange());
    expect(act(1, 4, 'cancel')).toBeNull();
    wait(chain, 1);
    wait(chain, 6);
    expect(act(1, 4, 'cancel')).toBe('NOT_COUNCIL');
    // The first member who asked was replaced: one of today's is not enough.
    expect(act(2, 4, 'cancel')).toBeNull();
    expect(proposal(4).state).toBe('open');
    expect(act(4, 4, 'cancel')).toBeNull();
    expect(proposal(4)).toBeNull();
  });

  it('can be dissolved', async () => {
    const { chain, people, propose, vote, act } = await withCouncil();
    expect(propose(people[0]!, aCouncil([], 1))).toBe('PROPOSAL_MALFORMED');
    expect(propose(people[0]!, aCouncil([], 0))).toBeNull();
    vote(people[0]!, 2, 'for');
    wait(chain, 10);
    wait(chain, 6);
    expect(act(1, 2, 'cancel')).toBe('NOT_COUNCIL');
  });
});

describe('a pause', () => {
  const pausesOf = (chain: TestChain) => chain.query('governance_status', {}).pauses;

  async function paused(module: string, slots = 8n) {
    const parliament = await withCouncil();
    const { chain, people, propose, vote } = parliament;
    propose(people[0]!, aPause(module, slots));
    vote(people[0]!, 2, 'for');
    expect(wait(chain, 5).map(({ name }) => name)).toEqual([
      'governance.approved',
      'governance.modulePaused',
      'governance.enacted',
    ]);
    return parliament;
  }

  it('is voted on for a shorter time with more votes, and acts at once', async () => {
    const { chain, people, propose, vote } = await aParliament({ stakes: [79n, 21n] });
    propose(people[0]!, aPause());
    vote(people[0]!, 1, 'for');
    vote(people[1]!, 1, 'against');
    expect(wait(chain, 5)).toMatchObject([{ data: { state: 'rejected' } }]);
    expect(pausesOf(chain)).toEqual([]);
  });

  it('refuses messages of its module, in batches too and for no fee, and ends by itself', async () => {
    const { chain, people } = await paused('channels');
    const [payer, payee] = [people[0]!.coldkey, people[1]!.coldkey];
    const open = { payee: payee.account, netuid: 1, deposit: 1_000_000_000n };
    const before = chain.spendable(payer);
    expect(chain.send(payer, 'channels.open', open)).toBe('MODULE_PAUSED');
    expect(chain.spendable(payer)).toBe(before);
    const inBatch = chain.block([batchOf(payer, 'channels.open', open)], 0);
    expect(inBatch.results[0]!.problem).toMatchObject({ code: 'MODULE_PAUSED' });
    wait(chain, 6);
    expect(pausesOf(chain)).toHaveLength(1);
    expect(wait(chain, 1)).toMatchObject([
      { name: 'governance.moduleResumed', data: { module: 'channels' } },
    ]);
    expect(chain.send(payer, 'channels.open', open)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of channels does not shorten a dispute window', async () => {
    const parliament = await aParliament({ stakes, parameters: { channelDisputeBlocks: 5n } });
    const { chain, people, propose, vote } = parliament;
    const [payer, payee] = [people[0]!.coldkey, people[1]!.coldkey];
    const opened = chain.block([
      {
        from: payer,
        name: 'channels.open',
        message: { payee: payee.account, netuid: 1, deposit: 1_000_000_000n },
      },
    ]);
    const channel = opened.results[0]!.events[0]!.data.channel as string;
    propose(people[0]!, aPause());
    vote(people[0]!, 1, 'for');
    const start = { channel: hexToBytes(channel) };
    expect(chain.send(payer, 'channels.startClose', start)).toBeNull();
    const live = () => Number(chain.query('channels_get', { channel }).live);
    wait(chain, 5);
    const before = live();
    for (let blocks = 0; blocks < 7; blocks += 1) wait(chain, 1);
    expect(live()).toBe(before);
    wait(chain, 1);
    expect(live()).toBe(before + 1);
  });

  it('of Yuma puts epochs off and loses no pay', async () => {
    const { chain, validators } = await aMarket({
      parameters: { ...GOVERNANCE_PARAMETERS, defaultTempo: 10n },
    });
    const voters = validators.map(({ coldkey, hotkey }) => ({
      from: coldkey,
      name: 'governance.vote',
      message: { proposal: 1, side: 'for', conviction: 1, hotkeys: [hotkey.account] },
    }));
    const propose = {
      from: validators[0]!.coldkey,
      name: 'governance.propose',
      message: aPause('yuma', 20n),
    };
    untilEpoch(chain);
    expectDone(chain.block([propose]));
    expectDone(chain.block(voters));
    const names = (blocks: number) =>
      chain.advance(blocks).flatMap(({ events }) => events.map(({ name }) => name));
    expect(names(4)).toContain('governance.modulePaused');
    expect(names(19)).not.toContain('yuma.epochRan');
    const pending = BigInt(chain.query('subnets_get', { netuid: 1 }).pending);
    expect(pending > 20n * CAIRN, `${pending} pending`).toBe(true);
    expect(names(2)).toEqual(
      expect.arrayContaining(['governance.moduleResumed', 'yuma.epochRan', 'emission.paid']),
    );
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each(['governance', 'accounts'])('is never of %s, so nothing can stop its own end', async (module) => {
    const { people, propose } = await aParliament({ stakes });
    expect(propose(people[0]!, aPause(module))).toBe('MODULE_ALWAYS_LIVE');
  });

  it('is ended early by another vote, and can be cancelled while it is voted on', async () => {
    const { chain, people, propose, vote, act, proposal } = await paused('channels', 20n);
    propose(people[0]!, aPause('channels', 0n));
    vote(people[0]!, 3, 'for');
    expect(wait(chain, 5).map(({ name }) => name)).toContain('governance.moduleResumed');
    expect(pausesOf(chain)).toEqual([]);
    propose(people[0]!, aPause());
    act(1, 4, 'cancel');
    act(2, 4, 'cancel');
    expect(proposal(4)).toBeNull();
  });
});
