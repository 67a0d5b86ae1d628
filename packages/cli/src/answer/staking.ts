import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { askNode } from './ask-node.ts';
import { asAddress, asAmount, asCount, asList, asNullable, asObject, asU16, type Checked } from './checks.ts';

const asHotkey = asObject({
  owner: asAddress,
  takeBps: asU16,
  takeRaisedSlot: asAmount,
  totalStake: asAmount,
  keptStake: asAmount,
  tokenPools: asCount,
  neurons: asCount,
  deposit: asAmount,
});
export type Hotkey = Checked<typeof asHotkey>;

/** Who owns a hotkey and what is at it. @throws CliError `NOT_FOUND` */
export async function fetchHotkey(connection: Connection, hotkey: string): Promise<Hotkey> {
  const found = await askNode(connection, 'staking_hotkey', { hotkey }, asNullable(asHotkey));
  if (found !== null) return found;
  throw new CliError(
    { code: 'NOT_FOUND', what: `hotkey ${hotkey}` },
    `${hotkey} is no hotkey on this chain. Its owner adds it with ./cairn hotkey add.`,
  );
}

const asChildren = asList(asObject({ hotkey: asAddress, proportion: asAmount }));
const asLending = asObject({
  children: asChildren,
  next: asNullable(asObject({ children: asChildren, fromSlot: asAmount })),
  takeBps: asU16,
  parents: asList(asObject({ hotkey: asAddress, tokens: asAmount, root: asAmount })),
  tokens: asAmount,
  root: asAmount,
});
/** To whom a hotkey lends on a subnet, and who lends to it. */
export type Lending = Checked<typeof asLending>;

export const fetchLending = (connection: Connection, netuid: number, hotkey: string): Promise<Lending> =>
  askNode(connection, 'staking_children', { netuid, hotkey }, asLending);

const asDeparture = asObject({
  hotkey: asAddress,
  to: asNullable(asAddress),
  leftHeight: asAmount,
  amount: asAmount,
  left: asAmount,
  freeSlot: asAmount,
});
/** Root stake that left a hotkey and still answers for it; `to` null: it is paid from `freeSlot` on. */
export type Departure = Checked<typeof asDeparture>;

export const fetchDepartures = (connection: Connection, coldkey: string): Promise<Departure[]> =>
  askNode(connection, 'staking_unbonding', { coldkey }, asList(asDeparture));

const asKept = asObject({
  hotkey: asAddress,
  amount: asAmount,
  claims: asList(asObject({ netuid: asU16, amount: asAmount })),
});
/** Root stake whose dividends are kept in tokens, and what of them can be claimed. */
export type KeptStake = Checked<typeof asKept>;

export const fetchKept = (connection: Connection, coldkey: string): Promise<KeptStake[]> =>
  askNode(connection, 'staking_rootClaims', { coldkey }, asList(asKept));

const asAuto = asObject({ netuid: asU16, hotkey: asAddress });

/** Where an account's income as a miner is staked. */
export const fetchAutoStakes = (connection: Connection, coldkey: string): Promise<Checked<typeof asAuto>[]> =>
  askNode(connection, 'staking_autoStake', { coldkey }, asList(asAuto));
