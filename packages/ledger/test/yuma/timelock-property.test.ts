import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochs, salts, subnets, timelocks, weightsCommits } from '../../src/index.ts';
import type { Call, TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  commitCall,
  commitmentOf,
  type Person,
  revealCall,
  saltOf,
  secretOf,
  setHyperparameter,
  setMechanisms,
} from '../support/market.ts';
import { prepareToPrune, ROW } from '../support/secret-market.ts';
import { afterSealing, pulseCall, seal, signer, timelockCall } from '../support/timelock.ts';

const [step, who] = [fc.nat(99), fc.nat(2)];
const steps = fc.array(fc.record({ step, who, slots: fc.constantFrom(1, 1, 1, 2, 3, 25) }), {
  minLength: 70,
  maxLength: 70,
});

/** The salt of a person that the ledger binds next, by its number; -1 without any. */
function dueSalt(chain: TestChain, person: Person, uid: number, commitment?: Uint8Array): number {
  const wanted = commitment ?? salts.get(chain.view, 1, uid)?.bound[0]?.commitment;
  return Array.from({ length: 120 }, (_, n) => n).findIndex(
    (n) => wanted !== undefined && Buffer.compare(commitmentOf(person, n), wanted) === 0,
  );
}

/** Something that a validator, or a cheat, may send now. */
function callOf(chain: TestChain, person: Person, uid: number, step: number, fresh: () => number): Call {
  const { epoch } = epochs.get(chain.view, 1)!;
  const [lock] = timelocks.get(chain.view, 1).filter(({ signature }) => signature.length === 0);
  if (step < 25) {
    const round = lock?.round ?? 1n;
    return pulseCall(person.hotkey, round, signer.sign(step < 3 ? round + 1n : round));
  }
  const mechanism = step % 2;
  const [one, two] = [0, 1].map((index) => weightsCommits.get(chain.view, 1, uid, index) ?? []);
  if (step < 40) {
    const [commit] = (mechanism === 0 ? one : two)!;
    const n = Math.max(0, dueSalt(chain, person, uid, commit?.salt.commitment));
    return revealCall(person, secretOf(person, commit?.epoch ?? epoch, ROW, n, mechanism), fresh());
  }
  if (step < 50) {
    const kept = (salts.get(chain.view, 1, uid)?.bound ?? []).slice(0, 2).map(({ commitment }) => commitment);
    const commitments = [...kept, commitmentOf(person, fresh())];
    return { from: person.hotkey, name: 'yuma.commitSalt', message: { netuid: 1, commitments } };
  }
  const shared = [...one!, ...two!].find((commit) => commit.epoch === epoch)?.salt.commitment;
  const n = Math.max(0, dueSalt(chain, person, uid, shared));
  const secret = secretOf(person, epoch, ROW, n, mechanism);
  if (step < 55) return commitCall(person, secret);
  const garbage = step < 62 ? { ciphertext: seal(1n, saltOf(person, 0)) } : {};
  return timelockCall(chain, person, secret, fresh(), garbage);
}

const TWO = [40_000, 25_535];

/** Mechanisms that begin with the next epoch, however soon that is. */
function announce(chain: TestChain, announcedParts: number[]): void {
  const subnet = subnets.get(chain.view, 1)!;
  chain.edit((state) => subnets.set(state, 1, { ...subnet, announcedParts }));
}

describe('a subnet with timelocks, whatever its validators send', () => {
  it('keeps every deposit accounted for, and nothing sealed outlives its epoch', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(steps, async (actions) => {
        const market = await afterSealing({ validators: 3, parameters: { timelockOpeningsPerBlock: 1n } });
        const { chain, validators, miners } = market;
        setHyperparameter(chain, 'weightsRateLimitSlots', 0);
        setMechanisms(chain, TWO);
        let next = 20;
        for (const [index, { step, who, slots }] of actions.entries()) {
          if (step === 98) setHyperparameter(chain, 'commitReveal', 1 + (who % 2));
          if (step === 97) setHyperparameter(chain, 'revealEpochs', 1 + (who % 2));
          if (step === 95) announce(chain, who === 0 ? [65_535] : TWO);
          const calls: Call[] = [];
          if (step === 96 && index > 40 && who > 0) {
            const newcomer = miners[who]!;
            prepareToPrune(chain, who, newcomer);
            calls.push({
              from: newcomer.coldkey,
              name: 'subnets.registerNeuron',
              message: { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: 10n ** 15n },
            });
          } else {
            calls.push(callOf(chain, validators[who]!, who, step, () => (next += 1)));
          }
          const { results, events } = chain.block(calls, slots);
          for (const { ok, problem } of results) seen.add(ok ? calls[0]!.name : problem!.code);
          for (const { name, data } of events)
            seen.add(data.mechanism === 1 ? `${name} in the second` : name);
          expect(brokenInvariants(chain), `step ${index}`).toEqual([]);
          const { epoch } = epochs.get(chain.view, 1)!;
          for (const { revealEpoch } of timelocks.get(chain.view, 1)) expect(revealEpoch >= epoch).toBe(true);
        }
      }),
      { seed: 20_261_003, numRuns: 3 },
    );
    const wanted = ['yuma.commitTimelocked', 'yuma.postPulse', 'yuma.mechanismsChanged'];
    for (const name of ['yuma.weightsSet', 'yuma.timelockLapsed']) wanted.push(name, `${name} in the second`);
    for (const name of wanted) expect([...seen], name).toContain(name);
  });
});
