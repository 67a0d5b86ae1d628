import { hexToBytes } from '@cairn/core';
import {
  hotkeyLocks,
  type ListableView,
  lockedAtHotkey,
  readParameters,
  rollTokenLock,
  subnets,
  tokenLocks,
  tokenPools,
  tokenPositions,
  valueOfShares,
} from '@cairn/ledger';
import { records } from './records.ts';

/** The sum of a hotkey may be a unit off for each change of a lock there; no history here has as many. */
const ROUNDING = 100_000n;

const isNear = (a: bigint, b: bigint): boolean => (a > b ? a - b : b - a) <= ROUNDING;

/** Locks of staked tokens against the positions they keep, and against the sum at each hotkey. */
export function* brokenLocks(view: ListableView, slot: bigint): Generator<string> {
  const now = { slot, parameters: readParameters(view) };
  const sums = new Map<string, { mass: bigint; conviction: bigint; count: number }>();
  for (const [id, stored] of records(view, tokenLocks.table)) {
    const pool = id.slice(id.indexOf('/') + 1);
    const sum = sums.get(pool) ?? { mass: 0n, conviction: 0n, count: 0 };
    const { mass, conviction } = rollTokenLock(stored, slot, now.parameters);
    sums.set(pool, {
      mass: sum.mass + mass,
      conviction: sum.conviction + conviction,
      count: sum.count + 1,
    });
    const [netuid, hotkey] = pool.split('/') as [string, string];
    // Of a subnet that ended the pool was set aside: who claims has the lock ended.
    if (subnets.get(view, Number(netuid)) === undefined) continue;
    const shares = tokenPositions.table.get(view, id)?.shares;
    const staked =
      shares === undefined
        ? undefined
        : valueOfShares(tokenPools.get(view, Number(netuid), hexToBytes(hotkey)), shares);
    if (staked === undefined || staked < mass) yield `${mass} tokens locked at ${id}, ${staked} there`;
  }
  for (const [id, { count }] of records(view, hotkeyLocks.table)) {
    const [netuid, hotkey] = id.split('/') as [string, string];
    const has = sums.get(id);
    sums.delete(id);
    if (has?.count !== count) yield `${count} locks counted at ${id}, there are ${has?.count}`;
    const owner = subnets.get(view, Number(netuid))?.owner;
    if (has === undefined || owner === undefined) continue;
    const says = lockedAtHotkey(view, { netuid: Number(netuid), hotkey: hexToBytes(hotkey), owner }, now);
    if (!isNear(says.mass, has.mass) || !isNear(says.conviction, has.conviction))
      yield `${says.mass} and ${says.conviction} at ${id}, its locks ${has.mass} and ${has.conviction}`;
  }
  for (const id of sums.keys()) yield `locks at ${id} without a sum`;
}
