import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asBool,
  asCount,
  asHex,
  asList,
  asObject,
  asOneOf,
  type Checked,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';

/** A place on the roster. */
export const asValidator = asObject({
  validator: asAddress,
  publicKey: asHex,
  origin: asOneOf('genesis', 'stake'),
  account: asAddress,
  power: asAmount,
  target: asAmount,
  isLeaving: asBool,
  isJailed: asBool,
});

const asRoster = asObject({
  totalPower: asAmount,
  bootstrapLeft: asAmount,
  leastStake: asAmount,
  nextUpdateSlot: asAmount,
  nakamoto: asCount,
  validators: asList(asValidator),
});
/** Who votes on blocks. One unit of power is a thousandth of a staked CAIRN. */
export type Roster = Checked<typeof asRoster>;

export const fetchRoster = (connection: Connection): Promise<Roster> =>
  askNode(connection, 'validators_list', {}, asRoster);
