import { compareBytes, createPureCrypto, encode } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  createLedger,
  datasetIdOf,
  declaredWork,
  MODULES,
  type ModelCard,
  soldArtifactOf,
  supplyCell,
  timelocks,
  transactionToBytes,
} from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, agreement, aKey, CAIRN, type Call, type TestChain, type TestKey } from '../support/chain.ts';
import { aClaim, artifact, openChannel } from '../support/channels.ts';
import { anOrderCall, aSpec, deploymentOf, nextOrder, openLease, someBid } from '../support/compute.ts';
import { delegationCalls } from '../support/delegation.ts';
import { aChange as aParameterChange, aParliament, elect } from '../support/governance.ts';
import { aChange } from '../support/keys.ts';
import { aLifecycle, dissolve, giveTokens } from '../support/lifecycle.ts';
import type { Person } from '../support/market.ts';
import {
  aMarket,
  commitCall,
  commitmentOf,
  expectDone,
  revealCall,
  secretOf,
  setMechanisms,
  untilEpoch,
} from '../support/market.ts';
import {
  aCard,
  aDevice,
  aMeasurement,
  anArtifact,
  aProvider,
  idOf,
  offerOf,
  permit,
  someTerms,
} from '../support/registry.ts';
import { anOrder, aPoolTown, plain, alice as sealer, sealing } from '../support/sealed.ts';
import { aBody } from '../support/signed.ts';
import { stakingCalls } from '../support/staking-calls.ts';
import { aTimelockedMarket, pulseCall, roundOf, timelockCall } from '../support/timelock.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];
const SHORT = {
  channelDisputeBlocks: 2n,
  keyChangeDelaySlots: 3n,
  subnetLockMin: 10n * CAIRN,
  crowdfundMinSlots: 1n,
  crowdfundMaxSlots: 100n,
  royaltyTailSlots: 1n,
};
const ledger = createLedger({ crypto: createPureCrypto(), verified: { has: () => true } });

/** Different records that a block reads or writes. */
function recordsOf(chain: TestChain, txs: readonly Uint8Array[]): { keys: Set<string>; code: string | null } {
  const keys = new Set<string>();
  const view = {
    get(key: string) {
      keys.add(key);
      return chain.view.get(key);
    },
  };
  const block = {
    height: 100,
    timeMs: 0,
    hash: new Uint8Array(32),
    proposer: bob.account,
    votes: [],
    misbehavior: [],
    txs,
  };
  const { changes, results } = ledger.apply(view, block);
  for (const { key } of changes) keys.add(key);
  return { keys, code: results[0]?.problem?.code ?? null };
}

function measure(chain: TestChain, { from, name, message }: Call) {
  const definition = MODULES.flatMap((module) => module.messages).find((known) => known.name === name)!;
  const body = aBody(chain, from, { messageId: definition.id, message: encode(definition.shape, message) });
  body.nonce = accounts.get(chain.view, from.account)!.nonce;
  const signature = { scheme: 'ed25519', publicKey: from.publicKey, signature: new Uint8Array(64) } as const;
  const idle = recordsOf(chain, []).keys;
  const { keys, code } = recordsOf(chain, [transactionToBytes({ body, authorization: signature })]);
  return {
    touched: [...keys].filter((key) => !idle.has(key) && key !== supplyCell.key),
    code,
    work: declaredWork(definition, message),
  };
}

/** Messages of keys, sub-keys and funds at their costliest, ready to pass. */
async function callsOfKeysAndFunds(chain: TestChain): Promise<Call[]> {
  const [dora, emil, fay] = [aKey(21), aKey(22), aKey(23)];
  for (const { account } of [dora, emil, fay])
    chain.send(alice, 'accounts.transfer', { to: account, amount: 1_000n * CAIRN });
  const named = { guardians: [bob.account], threshold: 1 };
  for (const key of [dora, emil]) chain.send(key, 'accounts.setRecovery', named);
  const asked = { newKey: carol.account };
  chain.send(emil, 'accounts.announceKeyChange', asked);
  chain.send(fay, 'accounts.announceKeyChange', asked);
  const limits = {
    perCall: 10n * CAIRN,
    perDay: 10n * CAIRN,
    total: 10n * CAIRN,
    expirySlot: 1_000_000n,
    messages: ['channels.open'],
    payees: [bob.account],
    models: [],
  };
  chain.send(alice, 'accounts.setSubKey', { key: bob.account, limits });
  const fund = { name: 'ours', owner: dora.account, goal: 90n * CAIRN, minContribution: CAIRN, endSlot: 95n };
  for (let n = 0; n < 3; n += 1) chain.send(alice, 'crowdfunding.open', fund);
  for (const from of [alice, bob, fay])
    for (const number of [1, 2]) chain.send(from, 'crowdfunding.contribute', { fund: number, amount: CAIRN });
  chain.send(alice, 'crowdfunding.contribute', { fund: 3, amount: 90n * CAIRN });
  chain.advance(4);
  const spending = aCall('channels.open', { payee: bob.account, netuid: 1, deposit: CAIRN });
  const lists = { fund: 1, isForgone: false };
  return [
    { from: dora, name: 'accounts.announceKeyChange', message: asked },
    { from: bob, name: 'accounts.changeKey', message: await aChange(chain, fay, carol) },
    { from: emil, name: 'accounts.disputeKeyChange', message: { account: emil.account } },
    { from: emil, name: 'accounts.clearKeyChange', message: { account: emil.account } },
    { from: fay, name: 'accounts.setRecovery', message: named },
    { from: bob, name: 'accounts.approveRecovery', message: { account: emil.account, ...asked } },
    { from: alice, name: 'accounts.setSubKey', message: { key: carol.account, limits } },
    { from: bob, name: 'accounts.removeSubKey', message: { owner: alice.account, key: bob.account } },
    { from: bob, name: 'accounts.spendAs', message: { owner: alice.account, call: spending } },
    { from: alice, name: 'crowdfunding.open', message: fund },
    { from: dora, name: 'crowdfunding.contribute', message: { fund: 1, amount: CAIRN } },
    { from: alice, name: 'crowdfunding.withdraw', message: lists },
    { from: bob, name: 'crowdfunding.finalise', message: { fund: 3 } },
  ];
}

/** Messages of the life of subnets, each on a chain where it passes at its costliest. */
async function lifecycleCalls(): Promise<{ chain: TestChain; call: Call }[]> {
  const full = aLifecycle([alice, bob], { subnets: 2, parameters: { subnetLimit: 2n } });
  full.advance(5);
  const create = { name: 'third', lockLimit: 1_000n * CAIRN };
  const challenged = aLifecycle([alice, bob], { parameters: { subnetLimit: 1n } });
  challenged.advance(5);
  expect(challenged.send(bob, 'subnets.create', create)).toBe(null);
  const ended = aLifecycle([alice, bob]);
  const proof = await agreement(ended.chainId, carol, bob.account);
  expect(ended.send(bob, 'staking.associateHotkey', { hotkey: proof })).toBe(null);
  giveTokens(ended, bob, CAIRN);
  const stake = { netuid: 1, hotkey: carol.account, amount: CAIRN };
  expect(ended.send(bob, 'staking.stakeTokens', stake)).toBe(null);
  expect(ended.send(bob, 'staking.lockStake', { ...stake, isPerpetual: true })).toBe(null);
  dissolve(ended, alice);
  const announced = aLifecycle([alice, bob]);
  expect(announced.send(alice, 'subnets.dissolve', { netuid: 1 })).toBe(null);
  const claim = { netuid: 1, holder: bob.account, hotkey: carol.account };
  return [
    { chain: full, call: { from: bob, name: 'subnets.create', message: create } },
    { chain: full, call: { from: alice, name: 'subnets.dissolve', message: { netuid: 1 } } },
    {
      chain: challenged,
      call: { from: alice, name: 'subnets.match', message: { netuid: 1, limit: 1_000n * CAIRN } },
    },
    { chain: announced, call: { from: alice, name: 'subnets.cancelDissolve', message: { netuid: 1 } } },
    { chain: ended, call: { from: alice, name: 'subnets.claimDissolved', message: claim } },
  ];
}

describe('the declared work of a message', () => {
  it('holds for verdicts and calibrations', () => {
    const judges = [alice, bob].map((judge, at) => ({
      publicKey: aKey(31 + at).publicKey,
      account: judge.account,
      power: 1_000_000n,
    }));
    const chain = aChain({ funded: [alice, bob, carol], validators: judges });
    const [open, fresh, evidence] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
    const none = new Uint8Array(32);
    const accused = { provider: carol.account, offenceHeight: 1n, evidence };
    expect(chain.send(alice, 'verification.accuse', { ...accused, receipt: open })).toBe(null);
    const card = aCard(alice);
    expect(chain.send(alice, 'registry.publishModel', { card })).toBe(null);
    const artifact = card.artifacts[0]!.sha256;
    const calibration = { model: idOf(card), artifact, engine: 'one', calibration: evidence, sizeBytes: 1 };
    const calls: Call[] = [
      { from: bob, name: 'verification.accuse', message: { ...accused, receipt: fresh } },
      { from: bob, name: 'verification.support', message: { receipt: open, reveal: none } },
      { from: carol, name: 'verification.answer', message: { receipt: open, reveal: fresh } },
      { from: alice, name: 'verification.publishCalibration', message: calibration },
    ];
    for (const call of calls) {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
  });

  it('is at least the records it reads and writes, besides the supply that every fee changes', async () => {
    const chain = aChain({ funded: [alice, bob], parameters: SHORT });
    const id = openChannel(chain, alice, bob);
    const closing = openChannel(chain, alice, bob);
    chain.send(alice, 'channels.startClose', { channel: closing });
    chain.advance(3);
    const parents = Array.from({ length: 8 }, (_, n) =>
      aCard(alice, { name: `people/parent-${n}`, artifacts: [anArtifact(n)] }),
    );
    for (const card of parents) chain.send(alice, 'registry.publishModel', { card });
    const versions = ['1', '2', '3'].map((version) => aCard(alice, { version }));
    for (const card of versions) chain.send(alice, 'registry.publishModel', { card });
    const terms = someTerms(versions[0]!);
    chain.send(bob, 'registry.publishOffer', { terms });
    const ending = aProvider({ devices: [aDevice(1, { expirySlot: 40n })] });
    chain.send(bob, 'registry.setProvider', { terms: ending });
    permit(chain, bob);
    const measurement = aMeasurement(versions[0]!);
    chain.send(bob, 'registry.postEvaluation', { measurement });
    const measured = { ...measurement, validator: bob.account };
    const alias = { name: 'people/model', tag: 'a' };
    chain.send(alice, 'registry.setAlias', { ...alias, models: parents.map(idOf) });
    const files = Array.from({ length: 16 }, (_, n) => anArtifact(n, `${n}.gguf`));
    const paying = aCard(alice, { name: 'people/paying', royaltyBps: 100, artifacts: files });
    chain.send(alice, 'registry.publishModel', { card: paying });
    chain.send(alice, 'registry.retireModel', { model: idOf(paying) });
    const totals = Array.from({ length: 32 }, (_, n) => ({ artifact: artifact(n), amount: 1n }));
    const child = aCard(alice, { version: '4', parents: parents.map(idOf) });
    const calls: Call[] = [
      { from: alice, name: 'accounts.transfer', message: { to: carol.account, amount: CAIRN } },
      { from: alice, name: 'channels.open', message: { payee: bob.account, netuid: 1, deposit: CAIRN } },
      { from: alice, name: 'channels.topUp', message: { channel: id, amount: CAIRN } },
      { from: bob, name: 'channels.claim', message: await aClaim(chain, id, alice, 32n, { totals }) },
      { from: bob, name: 'channels.claim', message: await aClaim(chain, id, alice, 1n, { close: true }) },
      { from: bob, name: 'channels.startClose', message: { channel: id } },
      { from: bob, name: 'channels.finalise', message: { channel: closing } },
      { from: alice, name: 'registry.publishModel', message: { card: child } },
      { from: alice, name: 'registry.retireModel', message: { model: idOf(versions[1]!) } },
      { from: alice, name: 'registry.publishOffer', message: { terms } },
      { from: bob, name: 'registry.publishOffer', message: { terms } },
      { from: bob, name: 'registry.withdrawOffer', message: { offer: offerOf(bob, terms) } },
      { from: alice, name: 'registry.setAlias', message: { ...alias, tag: 'b', models: parents.map(idOf) } },
      { from: alice, name: 'registry.removeAlias', message: alias },
      { from: bob, name: 'registry.postEvaluation', message: { measurement: aMeasurement(versions[2]!) } },
      {
        from: alice,
        name: 'registry.clearRoyalties',
        message: { model: idOf(paying), artifact: artifact(0) },
      },
      { from: bob, name: 'registry.withdrawEvaluation', message: measured },
      { from: bob, name: 'registry.setProvider', message: { terms: aProvider() } },
      { from: alice, name: 'registry.removeProvider', message: { provider: bob.account } },
    ];
    calls.push(...(await callsOfKeysAndFunds(chain)));
    for (const call of calls) {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
    for (const call of delegationCalls(chain)) {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
    for (const { chain: own, call } of await lifecycleCalls()) {
      const { touched, code, work } = measure(own, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
    const poor = aChain({ funded: [alice, bob] });
    const close = measure(poor, {
      from: alice,
      name: 'accounts.close',
      message: { beneficiary: bob.account },
    });
    expect(close.code).toBe(null);
    expect(close.work >= close.touched.length).toBe(true);
  });

  it('is enough for votes and delegations with everything on the agenda', async () => {
    const parliament = await aParliament({
      stakes: [50n, 20n, 20n, 10n],
      parameters: { proposalBond: 0n },
    });
    const { chain, people, propose, vote, delegate } = parliament;
    const [first, second, third, fourth] = people as [Person, Person, Person, Person];
    elect(parliament, [second, third, fourth]);
    for (let made = 0; made < 26; made += 1) expect(propose(first, aParameterChange())).toBeNull();
    const ids = Array.from({ length: 26 }, (_, index) => index + 2);
    for (const id of ids) for (const voter of [first, second]) expect(vote(voter, id, 'for')).toBeNull();
    expect(delegate(second, first)).toBeNull();
    expect(delegate(third, first)).toBeNull();
    const of = (from: Person, name: string, message: unknown) => ({
      from: from.coldkey,
      name: `governance.${name}`,
      message,
    });
    const again = { proposal: 2, side: 'against', conviction: 1, hotkeys: [second.hotkey.account] };
    const calls = [
      of(first, 'propose', aParameterChange()),
      of(first, 'vote', { ...again, hotkeys: [first.hotkey.account] }),
      of(second, 'vote', again),
      of(third, 'vote', { ...again, hotkeys: [third.hotkey.account] }),
      of(second, 'withdrawVote', { proposal: 2, voter: null }),
      of(second, 'undelegateVotes', { from: first.coldkey.account }),
      of(third, 'undelegateVotes', { from: first.coldkey.account }),
      of(fourth, 'delegateVotes', {
        to: first.coldkey.account,
        conviction: 1,
        hotkeys: [fourth.hotkey.account],
      }),
      of(second, 'councilAct', { proposal: 2, action: 'cancel' }),
    ];
    for (const call of calls) {
      const { touched, code, work } = measure(chain, call);
      expect([call.name, code]).toEqual([call.name, null]);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.length}`).toBe(true);
    }
    const cancel = of(third, 'councilAct', { proposal: 2, action: 'cancel' });
    chain.block([calls.at(-1)!]);
    const { touched, code, work } = measure(chain, cancel);
    expect(code).toBe(null);
    expect(work >= touched.length).toBe(true);
  });

  it('covers orders that are sealed and opened', () => {
    const chain = aPoolTown();
    chain.block([plain(sealer, 'buy', 10n * CAIRN)]);
    const orders = [
      anOrder('buy', CAIRN),
      anOrder('sell', CAIRN),
      anOrder('sell', CAIRN, { nextLeg: { netuid: 2, minOut: 0n } }),
    ].map((order, index) => sealing(chain, sealer, order, index));
    const check = (call: Call) => {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    };
    for (const { seal } of orders) check(seal);
    expectDone(chain.block(orders.map(({ seal }) => seal)));
    for (const { open } of orders) check(open);
  });

  it('covers weights that are committed and revealed', async () => {
    const { chain, validators } = await aMarket({ commitReveal: true });
    const [person] = validators;
    untilEpoch(chain);
    const secret = secretOf(person!, 2, { 2: 1 }, 0);
    const commit = commitCall(person!, secret);
    const salt = { netuid: 1, commitments: [commitmentOf(person!, 7)] };
    const bind = { from: person!.hotkey, name: 'yuma.commitSalt', message: salt };
    const check = (call: Call) => {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    };
    check(bind);
    check(commit);
    expectDone(chain.block([commit]));
    untilEpoch(chain);
    check(revealCall(person!, secret, 3));
  });

  it('covers weights of one mechanism among sixteen', async () => {
    const { chain, validators, owner } = await aMarket({ commitReveal: true });
    const [person] = validators;
    untilEpoch(chain);
    const sixteen = [...Array.from({ length: 15 }, () => 0), 65_535];
    setMechanisms(chain, sixteen);
    const secrets = sixteen.map((_, mechanism) => secretOf(person!, 2, { 2: 1 }, 0, mechanism));
    const check = (call: Call) => {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    };
    const split = { netuid: 1, split: [65_535] };
    check({ from: owner.coldkey, name: 'subnets.setMechanisms', message: split });
    expectDone(chain.block(secrets.slice(1).map((secret) => commitCall(person!, secret))));
    check(commitCall(person!, secrets[0]!));
    expectDone(chain.block([commitCall(person!, secrets[0]!)]));
    untilEpoch(chain);
    check(revealCall(person!, secrets[0]!, 3));
  });

  it('covers weights that are locked to a round, and its pulse', async () => {
    const { chain, validators, owner } = await aTimelockedMarket();
    const [first, second] = validators;
    const check = (call: Call) => {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    };
    const secret = secretOf(first!, 2, { 2: 1 }, 0);
    const round = roundOf(chain);
    check(timelockCall(chain, first!, secret, 3));
    expectDone(
      chain.block([
        timelockCall(chain, first!, secret, 3),
        timelockCall(chain, second!, secretOf(second!, 2, { 2: 1 }, 0), 3),
      ]),
    );
    untilEpoch(chain);
    check(pulseCall(owner.hotkey, round));
    chain.edit((state) =>
      timelocks.set(
        state,
        1,
        timelocks.get(state, 1).map((lock) => ({ ...lock, byHandMs: 0n })),
      ),
    );
    check(revealCall(first!, secret, 3));
  });

  it('covers weights of one mechanism among sixteen that are locked to a round', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [person] = validators;
    const sixteen = [...Array.from({ length: 15 }, () => 0), 65_535];
    setMechanisms(chain, sixteen);
    const secrets = sixteen.map((_, mechanism) => secretOf(person!, 2, { 2: 1 }, 0, mechanism));
    const check = (call: Call) => {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    };
    expectDone(chain.block(secrets.slice(1).map((secret) => timelockCall(chain, person!, secret, 3))));
    check(timelockCall(chain, person!, secrets[0]!, 3));
    expectDone(chain.block([timelockCall(chain, person!, secrets[0]!, 3)]));
    untilEpoch(chain);
    const [lock] = timelocks.get(chain.view, 1);
    chain.edit((state) => timelocks.set(state, 1, [{ ...lock!, byHandMs: 0n }]));
    check(revealCall(person!, secrets[0]!, 3));
  });

  it('covers deployments, orders, bids, leases and data sets', () => {
    const chain = aChain({ funded: [alice, bob, ...Array.from({ length: 8 }, (_, n) => aKey(30 + n))] });
    const bidders = Array.from({ length: 7 }, (_, n) => aKey(30 + n));
    const lease = openLease(chain);
    chain.advance(2);
    const name = 'second';
    chain.send(alice, 'compute.publish', { spec: aSpec({ name }) });
    const deployment = deploymentOf(alice, aSpec({ name }));
    const order = nextOrder(chain, alice);
    chain.block([anOrderCall(chain, { deployment })]);
    for (const from of [bob, ...bidders]) chain.send(from, 'compute.bid', { order, terms: someBid() });
    const other = nextOrder(chain, alice);
    chain.block([anOrderCall(chain, { deployment })]);
    chain.send(alice, 'compute.publish', { spec: aSpec({ name: 'unused' }) });
    const card = {
      name: 'people/data',
      description: '',
      licence: 'CC0-1.0',
      tags: [],
      sizeBytes: 1n,
      chunks: 1,
      root: new Uint8Array(32),
      sampleChunks: 0,
      pricePerChunk: 1n,
      netuid: 1,
      peer: 'alice',
    };
    chain.send(alice, 'datasets.publish', { card });
    const dataset = datasetIdOf(createPureCrypto(), alice.account, card);
    const calls: Call[] = [
      { from: bob, name: 'datasets.publish', message: { card } },
      { from: alice, name: 'datasets.retire', message: { dataset } },
      { from: alice, name: 'compute.publish', message: { spec: aSpec({ name: 'third' }) } },
      {
        from: alice,
        name: 'compute.retire',
        message: { deployment: deploymentOf(alice, aSpec({ name: 'unused' })) },
      },
      anOrderCall(chain, { deployment }),
      { from: bob, name: 'compute.bid', message: { order: other, terms: someBid() } },
      { from: bob, name: 'compute.withdrawBid', message: { order } },
      { from: alice, name: 'compute.cancelOrder', message: { order } },
      { from: alice, name: 'compute.accept', message: { order, provider: bob.account, funds: 9n * CAIRN } },
      { from: alice, name: 'compute.topUp', message: { lease, amount: CAIRN } },
      { from: bob, name: 'compute.announceReclaim', message: { lease } },
      { from: alice, name: 'compute.close', message: { lease } },
      { from: bob, name: 'compute.abandon', message: { lease } },
    ];
    for (const call of calls) {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
  });

  it('is so too for stake that is moved, lent and kept', async () => {
    const { chain, calls } = await stakingCalls();
    for (const call of calls) {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
  });
});

describe('the work of royalties', () => {
  it('covers cards with every file and payee, and a claim for all of them', async () => {
    const people = Array.from({ length: 16 }, (_, n) => aKey(n + 40));
    const chain = aChain({ funded: [alice, bob, ...people] });
    const publish = (from: TestKey, card: ModelCard): Call => ({
      from,
      name: 'registry.publishModel',
      message: { card },
    });
    const files = Array.from({ length: 16 }, (_, n) => anArtifact(n, `${n}.gguf`));
    let last: ModelCard | null = null;
    for (const [n, key] of people.entries()) {
      const parents: Uint8Array[] = last === null ? [] : [idOf(last)];
      last = aCard(key, { name: `people/line-${n}`, royaltyBps: 100, parents, artifacts: files });
      if (n === 15) {
        const { touched, code, work } = measure(chain, publish(key, last));
        expect([code, work >= touched.length]).toEqual([null, true]);
      }
      chain.block([publish(key, last)]);
    }
    const totals = files
      .map(({ sha256 }) => soldArtifactOf(createPureCrypto(), { model: idOf(last!), artifact: sha256 }))
      .sort(compareBytes)
      .map((sold) => ({ artifact: sold, amount: CAIRN / 16n }));
    const id = openChannel(chain, alice, bob);
    const claim = {
      from: bob,
      name: 'channels.claim',
      message: await aClaim(chain, id, alice, CAIRN, { totals }),
    };
    const { touched, code, work } = measure(chain, claim);
    expect(code).toBe(null);
    expect(touched.length).toBeGreaterThan(48);
    expect(work >= touched.length, `${work} for ${touched.length}`).toBe(true);
    const retired = { model: idOf(last!) };
    const end = measure(chain, { from: people[15]!, name: 'registry.retireModel', message: retired });
    expect([end.code, end.work >= end.touched.length]).toEqual([null, true]);
  });
});
