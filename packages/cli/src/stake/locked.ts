import { askAllPages, askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asBool,
  asCount,
  asList,
  asObject,
  asText,
  asU16,
  type Checked,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatDuration } from '../terminal/format.ts';

const asLock = asObject({
  netuid: asU16,
  hotkey: asAddress,
  locked: asAmount,
  conviction: asAmount,
  isPerpetual: asBool,
  isOwner: asBool,
  staked: asAmount,
  free: asAmount,
  deposit: asAmount,
});

/** Staked tokens that are locked at one hotkey, in 1e-9 token. */
export type LockView = Checked<typeof asLock>;

const asConviction = asObject({ hotkey: asAddress, locked: asAmount, conviction: asAmount, locks: asCount });

/** What is locked at one hotkey of a subnet by all, in 1e-9 token. */
export type ConvictionView = Checked<typeof asConviction>;

export function fetchLocks(connection: Connection, coldkey: string): Promise<LockView[]> {
  return askAllPages(connection, 'staking_locks', { coldkey }, asLock, ({ netuid, hotkey }) => ({
    netuid,
    hotkey,
  }));
}

/** Hotkeys of a subnet, the one with most conviction first. */
export async function fetchConvictions(connection: Connection, netuid: number): Promise<ConvictionView[]> {
  const all = await askAllPages(
    connection,
    'staking_convictions',
    { netuid },
    asConviction,
    ({ hotkey }) => hotkey,
  );
  return all.sort((a, b) => (a.conviction < b.conviction ? 1 : a.conviction > b.conviction ? -1 : 0));
}

/** The lock of an account at one hotkey of a subnet; undefined without one. */
export async function findLock(
  connection: Connection,
  coldkey: string,
  hotkey: string,
  netuid: number,
): Promise<LockView | undefined> {
  const locks = await fetchLocks(connection, coldkey);
  return locks.find((lock) => lock.hotkey === hotkey && lock.netuid === netuid);
}

/** Slots in which half of a decaying lock becomes free, and in words. @throws CliError `ANSWER_MALFORMED` */
export async function fetchHalfLife(
  connection: Connection,
): Promise<{ readonly slots: bigint; readonly text: string }> {
  const list = await askNode(
    connection,
    'parameters_list',
    {},
    asList(asObject({ name: asText, value: asAmount })),
  );
  const read = (name: string): bigint => {
    const found = list.find((parameter) => parameter.name === name);
    if (found !== undefined) return found.value;
    throw new CliError(
      { code: 'ANSWER_MALFORMED', method: 'parameters_list' },
      `The node has no parameter ${name}. Node and program may differ in version.`,
    );
  };
  // The natural logarithm of two.
  const slots = (read('stakeUnlockSlots') * 693_147n) / 1_000_000n;
  const hours = Number(slots * read('slotMs')) / 3_600_000;
  const time = hours < 48 ? formatDuration(hours * 3_600_000) : `${Math.round(hours / 24)} days`;
  return { slots, text: `half of it in ${slots} slots (${time}), half of the rest in as many` };
}
