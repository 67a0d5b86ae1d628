import { accountIdToAddress } from '@cairn/core';
import { expect } from 'vitest';
import type { BlockOutcome, Propose } from '../../src/index.ts';
import { aChain, agreement, CAIRN, type TestChain, type TestKey } from './chain.ts';
import { aPerson, expectDone, type Person } from './market.ts';

/** Slots of these tests: a vote takes 10, a pause 5; time locks 4, 3 and 6; conviction 10 a step. */
export const GOVERNANCE_PARAMETERS: Record<string, bigint> = {
  votingSlots: 10n,
  pauseVotingSlots: 5n,
  convictionSlots: 10n,
  parameterTimeLockSlots: 4n,
  grantTimeLockSlots: 3n,
  ruleTimeLockSlots: 6n,
  councilDelaySlots: 5n,
  maxPauseSlots: 20n,
};

export const terms = {
  description: '',
  bondLimit: 1_000_000n * CAIRN,
  changes: [],
  pause: null,
  grant: null,
  council: null,
} as const;

/** A change of the fee of a transaction. */
export const aChange = (value = 20_000n, name = 'feeBase'): Propose => ({
  ...terms,
  changes: [{ name, value }],
  kind: 'parameter',
  title: 'Another fee',
});

export const aPause = (module = 'channels', slots = 8n): Propose => ({
  ...terms,
  changes: [],
  kind: 'pause',
  title: 'Stop',
  pause: { module, slots },
});

export const aCouncil = (members: readonly TestKey[], agreement = 2): Propose => ({
  ...terms,
  changes: [],
  kind: 'council',
  title: 'Elders',
  council: { members: members.map(({ account }) => account), agreement },
});

export interface ParliamentOptions {
  /** CAIRN that each person has staked to its own hotkey. */
  readonly stakes: readonly bigint[];
  readonly parameters?: Record<string, bigint>;
}

/** People with stake at their own hotkeys, and what they do in it. */
export async function aParliament({ stakes, parameters = {} }: ParliamentOptions) {
  const people = stakes.map((_, number) => aPerson(number));
  const funded = people.flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]);
  const chain = aChain({ funded, parameters: { ...GOVERNANCE_PARAMETERS, ...parameters } });
  const associate = await Promise.all(
    people.map(async ({ coldkey, hotkey }) => ({
      from: coldkey,
      name: 'staking.associateHotkey',
      message: { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) },
    })),
  );
  expectDone(chain.block(associate, 0));
  const stake = people.flatMap(({ coldkey, hotkey }, index) =>
    stakes[index] === 0n
      ? []
      : [
          {
            from: coldkey,
            name: 'staking.stake',
            message: { hotkey: hotkey.account, amount: stakes[index]! * CAIRN },
          },
        ],
  );
  expectDone(chain.block(stake, 0));
  return { chain, people, ...acts(chain) };
}

/** Each act is one transaction in a block of no slot; its problem's code, or null. */
function acts(chain: TestChain) {
  const send = (from: TestKey, name: string, message: unknown): string | null =>
    chain.block([{ from, name: `governance.${name}`, message }], 0).results[0]!.problem?.code ?? null;
  const hotkeysOf = ({ hotkey }: Person) => [hotkey.account];
  return {
    send,
    propose: (from: Person, message: Propose) => send(from.coldkey, 'propose', message),
    vote: (
      from: Person,
      proposal: number,
      side: 'for' | 'against',
      conviction = 1,
      hotkeys = hotkeysOf(from),
    ) => send(from.coldkey, 'vote', { proposal, side, conviction, hotkeys }),
    withdraw: (from: Person, proposal: number, voter: Person | null = null) =>
      send(from.coldkey, 'withdrawVote', { proposal, voter: voter?.coldkey.account ?? null }),
    delegate: (from: Person, to: Person, conviction = 1, hotkeys = hotkeysOf(from)) =>
      send(from.coldkey, 'delegateVotes', { to: to.coldkey.account, conviction, hotkeys }),
    undelegate: (from: Person, to: Person) =>
      send(from.coldkey, 'undelegateVotes', { from: to.coldkey.account }),
    unstake: (from: Person, amount: bigint | null = null) =>
      chain.block(
        [{ from: from.coldkey, name: 'staking.unstake', message: { hotkey: from.hotkey.account, amount } }],
        0,
      ).results[0]!.problem?.code ?? null,
    proposal: (id: number) => chain.query('governance_proposal', { proposal: id }),
    /** CAIRN of stake for and against, and their weights. */
    tally(id: number) {
      const { votesFor, votesAgainst } = chain.query('governance_proposal', { proposal: id });
      const cairn = (pebbles: string) => Number(BigInt(pebbles) / CAIRN);
      return {
        for: [cairn(votesFor.capital), cairn(votesFor.weight)],
        against: [cairn(votesAgainst.capital), cairn(votesAgainst.weight)],
      };
    },
  };
}

/** One block after some slots; its governance events. */
export function wait(chain: TestChain, slots: number): BlockOutcome['events'] {
  return chain.block([], slots).events.filter(({ name }) => name.startsWith('governance.'));
}

export const addressOf = ({ account }: TestKey): string => accountIdToAddress(account);

/** Elects a council of these people: proposal 1. */
export function elect(
  parliament: Awaited<ReturnType<typeof aParliament>>,
  members: readonly Person[],
  agreement = 2,
) {
  const { chain, people, propose, vote } = parliament;
  const council = aCouncil(
    members.map(({ coldkey }) => coldkey),
    agreement,
  );
  expect(propose(people[0]!, council)).toBeNull();
  expect(vote(people[0]!, 1, 'for')).toBeNull();
  wait(chain, 10);
  wait(chain, 6);
  expect(chain.query('governance_status', {}).council.members).toHaveLength(members.length);
}
