import { type AccountId, accountIdToAddress, addressToAccountId, createPureCrypto } from '@cairn/core';
import { type Multisig, multisigAccountOf, multisigFault } from '@cairn/sdk';
import type { Cli } from '../cli.ts';
import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';
import { resolveAccount } from '../sender.ts';
import { parseCount, splitList } from '../tx/parse.ts';
import type { MultisigFlags } from './options.ts';

export interface NamedMultisig extends Multisig {
  readonly account: AccountId;
  readonly address: string;
}

/** @throws CliError `USAGE`, `WALLET_UNKNOWN` */
export async function readMultisig(
  cli: Cli,
  connection: Connection,
  { members: listed, threshold: given }: MultisigFlags,
): Promise<NamedMultisig> {
  const threshold = parseCount(given, 'A threshold', 255);
  const members: AccountId[] = [];
  for (const member of splitList(listed))
    members.push(addressToAccountId((await resolveAccount(cli, connection, member)).address));
  const fault = multisigFault({ members, threshold });
  if (fault !== null) throw usage(fault.message);
  const account = multisigAccountOf(createPureCrypto(), { members, threshold });
  return { members, threshold, account, address: accountIdToAddress(account) };
}
