import { bytesToHex } from '@cairn/core';
import {
  delegations,
  type ListableView,
  lentPowers,
  positions,
  proposals,
  stakeLocks,
  treasuryCell,
  votes,
  withheldPowers,
} from '@cairn/ledger';
import { records } from './records.ts';

/** Deposits, bonds and grants that governance keeps back, by the account that paid. */
export function* governanceDeposits(
  view: ListableView,
): Generator<readonly [owner: string, deposit: bigint]> {
  for (const [, { proposer, recordDeposit }] of records(view, proposals.table))
    yield [bytesToHex(proposer), recordDeposit];
  for (const [id, { deposit }] of records(view, votes.table)) yield [id.split('/')[1]!, deposit];
  for (const [id, { deposit }] of records(view, delegations.table)) yield [id, deposit];
  for (const [id, { deposit }] of records(view, stakeLocks.table)) yield [id.split('/')[0]!, deposit];
}

/** Pebbles of the treasury, of bonds and of milestones that are neither paid nor returned. */
export function governanceMoney(view: ListableView): bigint {
  let total = treasuryCell.get(view);
  for (const [, { bond, state, grant }] of records(view, proposals.table)) {
    total += bond;
    if (state !== 'enacted' || grant === null) continue;
    for (const { state: reached, amount } of grant.milestones)
      if (reached === 'planned' || reached === 'confirmed') total += amount;
  }
  return total;
}

const add = (sums: Map<string, bigint>, key: string, amount: bigint) =>
  sums.set(key, (sums.get(key) ?? 0n) + amount);

/** What the votes do not bear out: tallies, lent votes, and stake that left although it is locked. */
export function* brokenVotes(view: ListableView, slot: bigint): Generator<string> {
  const lent = new Map<string, bigint>();
  const holds = new Map<string, bigint>();
  const standing = new Map<string, bigint>();
  const stand = (
    owner: string,
    stakes: readonly { readonly hotkey: Uint8Array; readonly shares: bigint }[],
  ) => {
    for (const { hotkey, shares } of stakes) {
      const id = `${owner}/${bytesToHex(hotkey)}`;
      add(holds, id, 1n);
      if (shares > (standing.get(id) ?? 0n)) standing.set(id, shares);
    }
  };
  for (const [id, { delegate, power, stakes }] of records(view, delegations.table)) {
    add(lent, bytesToHex(delegate), power.weight);
    stand(id, stakes);
  }
  const withheld = new Map<string, bigint>();
  const tallies = new Map<string, bigint>();
  const counts = new Map<string, bigint>();
  for (const [id, vote] of records(view, votes.table)) {
    const [proposal, voter] = id.split('/') as [string, string];
    add(counts, proposal, 1n);
    add(tallies, `${proposal}/${vote.side}`, vote.own.weight + vote.lent.weight);
    stand(voter, vote.stakes);
    if (vote.withheld !== null)
      add(withheld, `${proposal}/${bytesToHex(vote.withheld.delegate)}`, vote.withheld.power.weight);
  }
  for (const [id, { power }] of records(view, lentPowers.table)) {
    if (power.weight !== (lent.get(id) ?? 0n))
      yield `${power.weight} lent to ${id}, not ${lent.get(id) ?? 0n}`;
    lent.delete(id);
  }
  for (const [id, weight] of lent) if (weight > 0n) yield `${weight} lent to ${id} is not counted`;
  for (const [id, { weight }] of records(view, withheldPowers.table)) {
    if (weight !== (withheld.get(id) ?? 0n))
      yield `${weight} withheld on ${id}, not ${withheld.get(id) ?? 0n}`;
    withheld.delete(id);
  }
  for (const [id, weight] of withheld) if (weight > 0n) yield `${weight} withheld on ${id} is not counted`;
  for (const [id, proposal] of records(view, proposals.table)) {
    if (BigInt(proposal.votes) !== (counts.get(id) ?? 0n))
      yield `proposal ${id} counts ${proposal.votes} votes`;
    if (proposal.state !== 'open') continue;
    const { votesFor, votesAgainst } = proposal;
    for (const [side, { weight }] of [
      ['for', votesFor],
      ['against', votesAgainst],
    ] as const) {
      const cast = tallies.get(`${id}/${side}`) ?? 0n;
      if (weight !== cast) yield `proposal ${id} has ${weight} ${side} it, its votes ${cast}`;
    }
    const open = `${id}/`;
    for (const [key, vote] of records(view, votes.table)) {
      if (!key.startsWith(open)) continue;
      const voter = key.slice(open.length);
      const all = lentPowers.table.get(view, voter)?.power.weight ?? 0n;
      const due = all - (withheldPowers.table.get(view, key)?.weight ?? 0n);
      if (vote.lent.weight !== due) yield `the vote ${key} carries ${vote.lent.weight} lent, not ${due}`;
    }
  }
  for (const [id, { shares, holds: held, untilSlot }] of records(view, stakeLocks.table)) {
    if (BigInt(held) !== (holds.get(id) ?? 0n))
      yield `lock ${id} has ${held} holds, not ${holds.get(id) ?? 0n}`;
    const voting = standing.get(id) ?? 0n;
    if (voting > shares) yield `${voting} shares of ${id} vote, ${shares} are locked`;
    const there = positions.table.get(view, id)?.shares ?? 0n;
    if ((held > 0 || untilSlot > slot) && there < shares)
      yield `${shares} shares locked at ${id}, ${there} there`;
    holds.delete(id);
  }
  for (const [id, count] of holds) if (count > 0n) yield `${count} votes without a lock at ${id}`;
}
