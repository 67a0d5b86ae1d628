import { mulDiv } from '@cairn/core';
import { findAccount } from '../answer/accounts.ts';
import { askAllPages } from '../answer/ask-node.ts';
import { fetchHoldings, fetchMarkets, type Market } from '../answer/market.ts';
import { fetchSlot } from '../answer/slot.ts';
import { fetchDepartures, fetchKept, type KeptStake } from '../answer/staking.ts';
import { type Claim, fetchClaims } from '../answer/subnets.ts';
import type { Connection } from '../connect.ts';
import { asChannelView, type ChannelView, findNodeChannels } from '../node-views.ts';
import { fetchVoter } from '../proposal/delegate.ts';
import { fetchPositions, type StakePositions } from '../stake/positions.ts';
import { worthOf } from '../token/worth.ts';

/** What an account has of one subnet's token, in 1e-9 token. */
export interface TokenBalance {
  readonly netuid: number;
  readonly held: bigint;
  readonly staked: bigint;
  /** Kept for root stake, to be claimed with `stake claim`. */
  readonly claimable: bigint;
  /** Pebbles for one token; null of a subnet that ended. */
  readonly price: bigint | null;
  /** Pebbles of all three at that price; null likewise. Selling them moves the price and brings less. */
  readonly worth: bigint | null;
}

export interface Unbonding {
  readonly hotkey: string;
  /** Pebbles that will be paid, less what slashes took. */
  readonly amount: bigint;
  /** First slot in which it is paid. */
  readonly freeSlot: bigint;
}

/** Root stake that stands behind votes. */
export interface VoteLock {
  readonly hotkey: string;
  readonly amount: bigint;
  /** Votes and delegations it stands behind now. */
  readonly votes: number;
  /** Slot until which it stays after the last of those. */
  readonly untilSlot: bigint;
}

/** All that an account has. CAIRN in pebbles. */
export interface Balance {
  readonly name: string | null;
  readonly address: string;
  readonly spendable: bigint;
  /** Paid into channels and not spent yet. What receipts owe counts as spent, claimed or not. */
  readonly inChannels: bigint;
  /** On root, its dividends sold for CAIRN. */
  readonly staked: bigint;
  /** On root, its dividends kept in tokens. */
  readonly kept: bigint;
  /** Taken out of stake and not paid yet. */
  readonly unbonding: bigint;
  /** To be claimed of dissolved subnets. */
  readonly dissolved: bigint;
  /** The six together. */
  readonly total: bigint;
  readonly tokens: readonly TokenBalance[];
  /** Comes back with the records it is held for, as far as they can be listed. */
  readonly deposits: bigint;
  /** Records of the account that keep a deposit. */
  readonly records: number;
  /** Now. */
  readonly slot: bigint;
  readonly departures: readonly Unbonding[];
  readonly claims: readonly Claim[];
  readonly locks: readonly VoteLock[];
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((left, right) => left + right, 0n);

/** Asks for all that an account has. */
export async function fetchBalance(
  connection: Connection,
  { name, address }: { readonly name: string | null; readonly address: string },
): Promise<Balance> {
  const [account, channels, positions, holdings, markets] = await Promise.all([
    findAccount(connection, address),
    fetchChannels(connection, address),
    fetchPositions(connection, address),
    fetchHoldings(connection, address),
    fetchMarkets(connection),
  ]);
  const [departures, keptStakes, claims, voter, slot] = await Promise.all([
    fetchDepartures(connection, address),
    fetchKept(connection, address),
    fetchClaims(connection, address),
    fetchVoter(connection, address),
    fetchSlot(connection),
  ]);
  const unpaid = departures.filter(({ to }) => to === null);
  const parts = {
    spendable: account?.spendable ?? 0n,
    inChannels: channels.left,
    staked: sum(positions.root.map(({ amount }) => amount)),
    kept: sum(keptStakes.map(({ amount }) => amount)),
    unbonding: sum(unpaid.map(({ left }) => left)),
    dissolved: sum(claims.map(({ amount }) => amount)),
  };
  const records = [...positions.root, ...positions.tokens, ...holdings, ...voter.locks];
  return {
    name,
    address,
    ...parts,
    total: sum(Object.values(parts)),
    tokens: tokensOf({ holdings, positions, keptStakes, markets }),
    deposits:
      (account?.deposit ?? 0n) +
      channels.deposits +
      sum(records.map(({ deposit }) => deposit)) +
      (voter.delegation?.deposit ?? 0n),
    records: account?.records ?? 0,
    slot,
    departures: unpaid.map(({ hotkey, left, freeSlot }) => ({ hotkey, amount: left, freeSlot })),
    claims,
    locks: voter.locks.map(({ hotkey, shares, holds, untilSlot }) => {
      const position = positions.root.find((entry) => entry.hotkey === hotkey);
      const amount =
        position === undefined || position.shares === 0n
          ? 0n
          : mulDiv(position.amount, shares, position.shares);
      return { hotkey, amount, votes: holds, untilSlot };
    }),
  };
}

/** What is left in the channels that an account pays through, and their deposits. */
async function fetchChannels(connection: Connection, address: string) {
  const [channels, books] = await Promise.all([
    askAllPages(connection, 'channels_list', { party: address }, asChannelView, ({ id }) => id),
    findNodeChannels(connection),
  ]);
  // The payees claim every few blocks; the node's own books know at once.
  const settled = new Map(books.map((book) => [book.channel, book.settled]));
  const spent = ({ id, claimed }: ChannelView) => {
    const owed = settled.get(id) ?? 0n;
    return owed > BigInt(claimed) ? owed : BigInt(claimed);
  };
  const paidFor = channels.filter(({ payer }) => payer === address);
  return {
    left: sum(paidFor.map((channel) => BigInt(channel.deposited) - spent(channel))),
    deposits: sum(paidFor.map(({ recordDeposit }) => BigInt(recordDeposit))),
  };
}

interface TokenRecords {
  readonly holdings: readonly { readonly netuid: number; readonly amount: bigint }[];
  readonly positions: StakePositions;
  readonly keptStakes: readonly KeptStake[];
  readonly markets: readonly Market[];
}

function tokensOf({ holdings, positions, keptStakes, markets }: TokenRecords): TokenBalance[] {
  const kept = keptStakes.flatMap(({ claims }) => claims);
  const prices = new Map(markets.map(({ netuid, price }) => [netuid, price]));
  const all = [...holdings, ...positions.tokens, ...kept];
  const netuids = [...new Set(all.map(({ netuid }) => netuid))].sort((a, b) => a - b);
  return netuids.map((netuid) => {
    const amountOf = (rows: TokenRecords['holdings']) =>
      sum(rows.filter((row) => row.netuid === netuid).map(({ amount }) => amount));
    const [held, staked, claimable] = [holdings, positions.tokens, kept].map(amountOf) as [
      bigint,
      bigint,
      bigint,
    ];
    const price = prices.get(netuid) ?? null;
    const worth = price === null ? null : worthOf(held + staked + claimable, price);
    return { netuid, held, staked, claimable, price, worth };
  });
}
