import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proposals, supplyCell } from '../../src/index.ts';
import { CAIRN } from '../support/chain.ts';
import { aChange, aParliament, aPause, wait } from '../support/governance.ts';
import { brokenInvariants } from '../support/invariants.ts';

const PEOPLE = 5;
const who = fc.nat(PEOPLE - 1);
const proposal = fc.integer({ min: 1, max: 6 });
const conviction = fc.nat(7);

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('propose' as const), who, isPause: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('vote' as const),
      who,
      proposal,
      conviction,
      side: fc.constantFrom('for' as const, 'against' as const),
      at: fc.uniqueArray(who, { maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who, proposal, of: who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('delegate' as const),
      who,
      to: who,
      conviction,
      at: fc.uniqueArray(who, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undelegate' as const), who, to: who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), who, proposal }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('stake' as const), who, to: who, amount: fc.bigInt(1n, 50n) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('unstake' as const),
      who,
      to: who,
      amount: fc.option(fc.bigInt(1n, 50n)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), slots: fc.nat(6) }) },
);

describe('a random history of votes', () => {
  it('counts no stake twice on a proposal, and keeps money, deposits and locks', async () => {
    let done = 0;
    let refused = 0;
    let ended = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80 }), async (steps) => {
        const parliament = await aParliament({
          stakes: [10n, 20n, 30n, 40n, 0n],
          parameters: { proposalBond: CAIRN },
        });
        const { chain, people, send } = parliament;
        const hotkeys = (at: readonly number[]) => at.map((index) => people[index]!.hotkey.account);
        for (const [index, action] of steps.entries()) {
          const from = 'who' in action ? people[action.who]! : people[0]!;
          let code: string | null = null;
          switch (action.kind) {
            case 'propose':
              code = parliament.propose(from, action.isPause ? aPause() : aChange());
              break;
            case 'vote':
              code = parliament.vote(
                from,
                action.proposal,
                action.side,
                action.conviction,
                hotkeys(action.at),
              );
              break;
            case 'withdraw':
              code = parliament.withdraw(from, action.proposal, people[action.of]!);
              break;
            case 'delegate':
              code = parliament.delegate(from, people[action.to]!, action.conviction, hotkeys(action.at));
              break;
            case 'undelegate':
              code = parliament.undelegate(from, people[action.to]!);
              break;
            case 'cancel':
              code = send(from.coldkey, 'cancelProposal', { proposal: action.proposal });
              break;
            case 'stake':
            case 'unstake': {
              const amount = action.amount === null ? null : action.amount * CAIRN;
              const message = { hotkey: people[action.to]!.hotkey.account, amount };
              code = chain.send(from.coldkey, `staking.${action.kind}`, message);
              break;
            }
            case 'wait':
              ended += wait(chain, action.slots).filter(
                ({ name }) => name !== 'governance.moduleResumed',
              ).length;
          }
          if (code === null) done += 1;
          else refused += 1;
          const label = `${index} ${action.kind} ${code}`;
          expect(brokenInvariants(chain), label).toEqual([]);
          // Nobody mints here, so what is staked is all that can ever vote.
          const { staked } = supplyCell.get(chain.view);
          for (const id of [1, 2, 3, 4, 5, 6]) {
            const found = proposals.get(chain.view, id);
            if (found === undefined || found.state !== 'open') continue;
            const cast = found.votesFor.capital + found.votesAgainst.capital;
            expect(cast <= staked, `${label}: ${cast} of ${staked} voted on ${id}`).toBe(true);
          }
        }
        const voter = accountIdToAddress(people[0]!.coldkey.account);
        expect(() => JSON.stringify(chain.query('governance_voter', { voter }))).not.toThrow();
      }),
      { numRuns: 25, seed: 20_261_121 },
    );
    const figures = `${done} done, ${refused} refused, ${ended} ended`;
    expect(done > 300 && refused > 300 && ended > 15, figures).toBe(true);
  }, 60_000);
});
