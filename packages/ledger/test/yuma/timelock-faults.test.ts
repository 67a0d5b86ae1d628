import { encode, TIMELOCK_OVERHEAD_BYTES, utf8ToBytes } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  commitTimelockedShape,
  MAX_TIMELOCKED_BYTES,
  neurons,
  openingsCell,
  sealedWeights,
  weights,
  weightsCommits,
} from '../../src/index.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { expectDone, revealCall, secretOf, untilEpoch } from '../support/market.ts';
import { eventOf, prepareToPrune, ROW, sendCall } from '../support/secret-market.ts';
import {
  afterSealing,
  aTimelockedMarket,
  plaintextOf,
  pulseCall,
  roundOf,
  seal,
  signer,
  timelockCall,
} from '../support/timelock.ts';

describe('a pulse', () => {
  it('is refused early, forged, twice, and where nobody waits for it', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [person] = validators;
    const from = person!.hotkey;
    const round = roundOf(chain);
    expect(sendCall(chain, pulseCall(from, round))).toBe('ROUND_NOT_AWAITED');
    expectDone(chain.block([timelockCall(chain, person!, secretOf(person!, 2, ROW, 0), 3)]));
    expect(sendCall(chain, pulseCall(from, round))).toBe('PULSE_TOO_EARLY');
    untilEpoch(chain);
    expect(sendCall(chain, pulseCall(from, round + 1n))).toBe('ROUND_NOT_AWAITED');
    const forgeries = [signer.sign(round + 1n), new Uint8Array(48), new Uint8Array(48).fill(0xff)];
    for (const signature of forgeries)
      expect(sendCall(chain, pulseCall(from, round, signature))).toBe('PULSE_FORGED');
    expect(
      sendCall(chain, {
        ...pulseCall(from, round),
        message: { netuid: 9, round, signature: signer.sign(round) },
      }),
    ).toBe('SUBNET_UNKNOWN');
    expect(openingsCell.get(chain.view)).toEqual([]);
    const both = chain.block([pulseCall(from, round), pulseCall(validators[1]!.hotkey, round)]);
    expect(both.results.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'PULSE_KNOWN']);
    expect(both.results[1]!.fee > 0n).toBe(true);
    expect(eventOf(chain.block().events, 'yuma.weightsSet')).toHaveLength(1);
    expect(sendCall(chain, pulseCall(from, round))).toBe('PULSE_KNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('opens weights until a quarter of their epoch is left, in which evidence is attested', async () => {
    const { chain, round, owner } = await afterSealing();
    chain.advance(13);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    expect(eventOf(chain.block().events, 'yuma.weightsSet')).toHaveLength(2);
    expect(eventOf(untilEpoch(chain), 'yuma.timelockLapsed')).toEqual([]);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(49_151);
  });

  it('is refused when it comes later', async () => {
    const { chain, round, owner } = await afterSealing();
    chain.advance(14);
    expect(sendCall(chain, pulseCall(owner.hotkey, round))).toBe('PULSE_TOO_LATE');
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.timelockLapsed')).toMatchObject([{ reason: 'pulseMissing' }, { uid: 1 }]);
  });
});

describe('a round that does not come', () => {
  it('lets the weights lapse, visibly, and nobody forfeits for it', async () => {
    const { chain, round, validators, owner } = await afterSealing();
    const held = accounts.get(chain.view, validators[0]!.hotkey.account)!.records;
    expectDone(
      chain.block(validators.map((person) => timelockCall(chain, person, secretOf(person, 3, ROW, 1), 4))),
    );
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.timelockLapsed')).toMatchObject(
      [0, 1].map((uid) => ({ uid, epoch: 3, scoredEpoch: 2, round: `${round}`, reason: 'pulseMissing' })),
    );
    expect(eventOf(events, 'yuma.dividendsForfeited')).toEqual([]);
    expect(eventOf(events, 'yuma.revealMissed')).toEqual([]);
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(0);
    expect(accounts.get(chain.view, validators[0]!.hotkey.account)!.records).toBe(held);
    expect(sendCall(chain, pulseCall(owner.hotkey, round))).toBe('ROUND_NOT_AWAITED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets them lapse too where the ledger had no room to open them', async () => {
    const { chain, round, owner } = await afterSealing({ parameters: { timelockOpeningsPerBlock: 1n } });
    chain.advance(13);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    expect(eventOf(chain.block().events, 'yuma.weightsSet')).toMatchObject([{ uid: 0 }]);
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.timelockLapsed')).toMatchObject([{ uid: 1, reason: 'notOpenedInTime' }]);
    expect(neurons.get(chain.view, 1, 1)!.missedReveals).toBe(0);
    expect(openingsCell.get(chain.view)).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves validators the way to reveal by hand, once the round is late', async () => {
    const { chain, round, secrets, validators, owner } = await afterSealing();
    const [first, second] = validators;
    expect(sendCall(chain, revealCall(first!, secrets[0]!, 3))).toBe('REVEAL_BY_PULSE');
    chain.advance(10);
    expect(sendCall(chain, revealCall(first!, { ...secrets[0]!, values: [9, 9] }, 3))).toBe(
      'COMMITMENT_WRONG',
    );
    expect(sendCall(chain, revealCall(first!, secrets[0]!, 3))).toBe(null);
    expect(weights.get(chain.view, 1, 0)).toMatchObject({ scoredEpoch: 2 });
    expect(brokenInvariants(chain)).toEqual([]);
    // When it comes after all, it opens the rest.
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    expect(sendCall(chain, revealCall(second!, secrets[1]!, 3))).toBe('COMMIT_UNKNOWN');
    expect(weights.get(chain.view, 1, 1)).toMatchObject({ scoredEpoch: 2 });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('does not take weights by hand that the ledger is about to open', async () => {
    const { chain, round, secrets, validators, owner } = await afterSealing({
      parameters: { timelockOpeningsPerBlock: 1n },
    });
    chain.advance(13);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    expect(sendCall(chain, revealCall(validators[1]!, secrets[1]!, 3))).toBe('PULSE_KNOWN');
  });
});

describe('sealed weights that are not what was committed', () => {
  /** One validator seals what the test gives, the other what it should. */
  async function spoil(ciphertextOf: (round: bigint, honest: Uint8Array) => Uint8Array, change = {}) {
    const { chain, validators, owner } = await aTimelockedMarket();
    const round = roundOf(chain);
    const [cheat, honest] = validators;
    const secret = secretOf(cheat!, 2, ROW, 0);
    const ciphertext = ciphertextOf(round, plaintextOf(cheat!, secret, 3));
    expectDone(
      chain.block([
        timelockCall(chain, cheat!, secret, 3, { ciphertext, ...change }),
        timelockCall(chain, honest!, secretOf(honest!, 2, ROW, 0), 3),
      ]),
    );
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([{ uid: 1 }]);
    expect(brokenInvariants(chain)).toEqual([]);
    chain.advance(13);
    expect(sendCall(chain, revealCall(cheat!, secret, 3))).toBe('TIMELOCK_SPOILED');
    expectDone(chain.block([timelockCall(chain, honest!, secretOf(honest!, 3, ROW, 1), 4)]));
    const end = untilEpoch(chain);
    expect(eventOf(end, 'yuma.revealMissed')).toMatchObject([{ uid: 0, scoredEpoch: 2 }]);
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(1);
    expect(neurons.get(chain.view, 1, 1)!.missedReveals).toBe(0);
    expect(weightsCommits.get(chain.view, 1, 0)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
    return eventOf(events, 'yuma.timelockSpoiled');
  }

  it.each<[string, string, (round: bigint, plaintext: Uint8Array) => Uint8Array]>([
    ['are garbage', 'CIPHERTEXT_UNREADABLE', () => new Uint8Array(400).fill(0xa5)],
    [
      'are sealed to another round',
      'CIPHERTEXT_UNREADABLE',
      (round, plaintext) => seal(round + 1n, plaintext),
    ],
    ['are damaged', 'CIPHERTEXT_UNREADABLE', (round, plaintext) => seal(round, plaintext).fill(1, 200, 201)],
    ['hide no weights', 'PLAINTEXT_MALFORMED', (round) => seal(round, utf8ToBytes('nothing of the kind'))],
    ['hide nothing but a byte', 'PLAINTEXT_MALFORMED', (round) => seal(round, Uint8Array.of(0))],
  ])('forfeit as a missed reveal when they %s', async (_, code, ciphertextOf) => {
    expect(await spoil(ciphertextOf)).toMatchObject([{ uid: 0, epoch: 3, scoredEpoch: 2, code }]);
  });

  it('forfeit when they are other weights than the hash says', async () => {
    const events = await spoil((round, plaintext) => seal(round, plaintext), {
      commitment: new Uint8Array(32),
    });
    expect(events).toMatchObject([{ uid: 0, code: 'COMMITMENT_WRONG' }]);
  });

  it('are of no use to who sends those of another', async () => {
    const { chain, validators, owner } = await aTimelockedMarket();
    const [honest, copier] = validators;
    const round = roundOf(chain);
    const original = timelockCall(chain, honest!, secretOf(honest!, 2, ROW, 0), 3);
    expectDone(chain.block([original, { ...original, from: copier!.hotkey }]));
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([{ uid: 0 }]);
    expect(eventOf(events, 'yuma.timelockSpoiled')).toMatchObject([{ uid: 1, code: 'SALT_WRONG' }]);
  });
});

describe('a timelocked commit', () => {
  it('names the round of its epoch and is long enough to be one', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [person] = validators;
    const secret = secretOf(person!, 2, ROW, 0);
    const round = roundOf(chain);
    for (const other of [round - 1n, round + 1n, 0n])
      expect(
        sendCall(
          chain,
          timelockCall(chain, person!, secret, 3, { round: other, ciphertext: seal(1n, new Uint8Array(9)) }),
        ),
        `${other}`,
      ).toBe('ROUND_WRONG');
    for (const length of [0, 48, TIMELOCK_OVERHEAD_BYTES])
      expect(
        sendCall(chain, timelockCall(chain, person!, secret, 3, { ciphertext: new Uint8Array(length) })),
        `${length} bytes`,
      ).toBe('CIPHERTEXT_TOO_SHORT');
    expect(sendCall(chain, timelockCall(chain, person!, { ...secret, epoch: 3 }, 3))).toBe('EPOCH_WRONG');
  });

  it('is no longer than weights for every uid there can be', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [person] = validators;
    const secret = secretOf(person!, 2, ROW, 0);
    const all = Array.from({ length: 4_096 }, (_, uid) => uid);
    const full = plaintextOf(person!, { ...secret, uids: all, values: all }, 3);
    expect(full.length + TIMELOCK_OVERHEAD_BYTES).toBe(MAX_TIMELOCKED_BYTES);
    const { message } = timelockCall(chain, person!, secret, 3, { ciphertext: seal(roundOf(chain), full) });
    const long = { ...(message as object), ciphertext: new Uint8Array(MAX_TIMELOCKED_BYTES + 1) };
    expect(() => encode(commitTimelockedShape, long as never)).toThrow();
    expect(sendCall(chain, { from: person!.hotkey, name: 'yuma.commitTimelocked', message })).toBe(null);
  });

  it('is not taken once its round is near, as when blocks stood still, and that is nobody’s fault', async () => {
    const { chain, validators, round, owner } = await afterSealing();
    const [first, second] = validators;
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    expectDone(chain.block([timelockCall(chain, first!, secretOf(first!, 3, ROW, 1), 4)]));
    // The next block comes a minute later; of its slots only ten accrue, so the epoch is not over.
    const late = timelockCall(chain, second!, secretOf(second!, 3, ROW, 1), 4);
    expect(chain.block([late], 60).results[0]!.problem?.code).toBe('ROUND_TOO_NEAR');
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.epochRan')).toMatchObject([{ epoch: 3 }]);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toEqual([]);
    expect(neurons.get(chain.view, 1, 1)!.missedReveals).toBe(0);
  });

  it('goes with its neuron, deposit and place in the queue', async () => {
    const { chain, validators, miners, round, owner } = await afterSealing({
      parameters: { timelockOpeningsPerBlock: 1n },
    });
    const { hotkey } = validators[0]!;
    const newcomer = miners[3]!;
    const { records } = accounts.get(chain.view, hotkey.account)!;
    prepareToPrune(chain, 0, newcomer);
    const message = { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: 10n ** 15n };
    expectDone(
      chain.block([
        pulseCall(owner.hotkey, round),
        { from: newcomer.coldkey, name: 'subnets.registerNeuron', message },
      ]),
    );
    expect(sealedWeights.get(chain.view, 1, 0, 2)).toBeUndefined();
    expect(accounts.get(chain.view, hotkey.account)!.records).toBe(records - 1);
    expect(eventOf(chain.block().events, 'yuma.weightsSet')).toMatchObject([{ uid: 1 }]);
  });

  it('needs its deposit', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [person] = validators;
    const call = timelockCall(chain, person!, secretOf(person!, 2, ROW, 0), 3);
    const id = person!.hotkey.account;
    const account = accounts.get(chain.view, id)!;
    // Enough for the fee, not for the ciphertext to be kept.
    chain.edit((state) => accounts.set(state, id, { ...account, spendable: 250_000n }));
    expect(sendCall(chain, call)).toBe('BALANCE_TOO_LOW');
    expect(sealedWeights.get(chain.view, 1, 0, 2)).toBeUndefined();
  });
});
