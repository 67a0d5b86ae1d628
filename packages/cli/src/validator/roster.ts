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

const asRoster = asObject({
  totalPower: asAmount,
  bootstrapLeft: asAmount,
  leastStake: asAmount,
  nextUpdateSlot: asAmount,
  nakamoto: asCount,
  validators: asList(
    asObject({
      validator: asAddress,
      publicKey: asHex,
      origin: asOneOf('genesis', 'stake'),
      account: asAddress,
      power: asAmount,
      target: asAmount,
      isLeaving: asBool,
    }),
  ),
});
/** Who votes on blocks. One unit of power is a thousandth of a staked CAIRN. */
export type Roster = Checked<typeof asRoster>;

export const fetchRoster = (connection: Connection): Promise<Roster> =>
  askNode(connection, 'validators_list', {}, asRoster);
