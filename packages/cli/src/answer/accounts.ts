import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { askNode } from './ask-node.ts';
import { asAmount, asBool, asCount, asNullable, asObject, type Checked } from './checks.ts';

const asAccount = asObject({
  nonce: asAmount,
  spendable: asAmount,
  deposit: asAmount,
  records: asCount,
  isKeyChanged: asBool,
  isFrozen: asBool,
});
export type Account = Checked<typeof asAccount>;

/** An account; null when it does not exist. */
export const findAccount = (connection: Connection, address: string): Promise<Account | null> =>
  askNode(connection, 'accounts_get', { address }, asNullable(asAccount));

/** @throws CliError `NOT_FOUND` */
export async function fetchAccount(connection: Connection, address: string): Promise<Account> {
  const account = await findAccount(connection, address);
  if (account !== null) return account;
  throw new CliError(
    { code: 'NOT_FOUND', what: `account ${address}` },
    `There is no account ${address} on this chain. It opens when it is first paid.`,
  );
}
