import { askAllPages, askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asCount,
  asNullable,
  asObject,
  asText,
  asU16,
  type Checked,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { parseCount } from '../tx/parse.ts';

const asFund = asObject({
  fund: asCount,
  creator: asAddress,
  owner: asAddress,
  name: asText,
  goal: asAmount,
  minContribution: asAmount,
  endSlot: asAmount,
  raised: asAmount,
  contributors: asU16,
  netuid: asU16,
  surplus: asAmount,
  unpaid: asAmount,
  deposit: asAmount,
});
export type Fund = Checked<typeof asFund>;

/** @throws CliError `USAGE` */
export const parseFund = (text: string): number => parseCount(text, 'The number of a fund', 0xffff_ffff);

/** @throws CliError `NOT_FOUND` */
export async function fetchFund(connection: Connection, fund: number): Promise<Fund> {
  const found = await askNode(connection, 'crowdfunding_get', { fund }, asNullable(asFund));
  if (found !== null) return found;
  throw new CliError(
    { code: 'NOT_FOUND', what: `fund ${fund}` },
    `There is no fund ${fund}. See ./cairn fund show.`,
  );
}

export const fetchFunds = (connection: Connection): Promise<Fund[]> =>
  askAllPages(connection, 'crowdfunding_list', {}, asFund, ({ fund }) => fund);
