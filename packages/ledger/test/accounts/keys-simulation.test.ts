import { areBytesEqual, compareBytes } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../support/chain.ts';
import { aKey, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aChange,
  aKeyChain,
  changeOf,
  DELAY,
  FREEZE,
  guard,
  isMarkedFrozen,
  keyOf,
  speaking,
} from '../support/keys.ts';

const people = Array.from({ length: 4 }, (_, n) => aKey(n));
/** Takes part in nothing. */
const bank = aKey(9);
const who = fc.nat(people.length - 1);
const of = <const K extends string>(kind: K) =>
  fc.record({ kind: fc.constant(kind), who, at: who, key: who });

const step = fc.oneof(
  { weight: 4, arbitrary: of('announceKeyChange') },
  { weight: 4, arbitrary: of('changeKey') },
  { weight: 5, arbitrary: of('disputeKeyChange') },
  { weight: 1, arbitrary: of('clearKeyChange') },
  { weight: 2, arbitrary: of('setRecovery') },
  { weight: 6, arbitrary: of('approveRecovery') },
  { weight: 1, arbitrary: of('close') },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), slots: fc.integer({ min: 1, max: 10 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What speaks for a person's account now. */
function voiceOf(chain: TestChain, person: TestKey): TestKey {
  const key = people.find(({ account }) => areBytesEqual(account, keyOf(chain, person)))!;
  return speaking(person, key);
}

async function callOf(chain: TestChain, action: Exclude<Step, { kind: 'wait' }>): Promise<Call> {
  const [person, at, key] = [people[action.who]!, people[action.at]!, people[action.key]!];
  const from = voiceOf(chain, person);
  const name = `accounts.${action.kind}`;
  switch (action.kind) {
    case 'announceKeyChange':
      return { from, name, message: { newKey: key.account } };
    case 'changeKey': {
      const wanted = changeOf(chain, at)?.newKey ?? key.account;
      const consenting = people.find(({ account }) => areBytesEqual(account, wanted))!;
      return { from, name, message: await aChange(chain, at, consenting) };
    }
    case 'disputeKeyChange':
    case 'clearKeyChange':
      return { from, name, message: { account: (action.key === 0 ? at : person).account } };
    case 'setRecovery': {
      const guardians = people.filter((other) => other !== person).map(({ account }) => account);
      return {
        from,
        name,
        message: {
          guardians: guardians.sort(compareBytes).slice(action.key),
          threshold: action.key < 3 ? 1 : 0,
        },
      };
    }
    case 'approveRecovery':
      return { from, name, message: { account: at.account, newKey: key.account } };
    case 'close':
      return { from, name, message: { beneficiary: at.account } };
  }
}

describe('a random history of keys, guardians and disputes', () => {
  it('keeps every deposit, changes no key without a change that waited, and locks nobody out for ever', async () => {
    const seen = { changed: 0, frozen: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const chain = aKeyChain([...people, bank]);
        for (const person of people.slice(0, 3))
          guard(
            chain,
            person,
            people.filter((other) => other !== person),
            2,
          );
        for (const action of steps) {
          if (action.kind === 'wait') {
            chain.block([], action.slots);
            continue;
          }
          const before = people.map((person) => ({
            key: keyOf(chain, person),
            change: changeOf(chain, person),
          }));
          const { results } = chain.block([await callOf(chain, action)]);
          for (const { name, data } of results[0]!.events) {
            if (name === 'accounts.keyChanged') seen.changed += 1;
            if (name === 'accounts.keyChangeDisputed' && data.frozenUntil !== '0') seen.frozen += 1;
          }
          for (const [i, person] of people.entries()) {
            if (areBytesEqual(keyOf(chain, person), before[i]!.key)) continue;
            expect(action.kind).toBe('changeKey');
            expect(before[i]!.change?.newKey).toEqual(keyOf(chain, person));
          }
          expect(brokenInvariants(chain)).toEqual([]);
        }
        for (let slots = 0n; slots < FREEZE + DELAY; slots += 10n) chain.block([], 10);
        for (const person of people) {
          const voice = voiceOf(chain, person);
          const code = chain.send(voice, 'accounts.transfer', { to: bank.account, amount: 1n });
          // A person may have closed its account with all it had.
          if (code !== 'ACCOUNT_UNKNOWN') expect(code).toBe(null);
          if (code === null && isMarkedFrozen(chain, person))
            expect(chain.send(bank, 'accounts.clearKeyChange', { account: person.account })).not.toBe(
              'ACCOUNT_FROZEN',
            );
        }
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 40 },
    );
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
  });
});
