import { type AccountId, addressToAccountId } from '@cairn/core';
import type { Cli } from '../cli.ts';
import { connectNode } from '../connect.ts';
import { resolveAccount } from '../sender.ts';
import { dataFolderOf } from '../settings.ts';
import { listWallets } from '../wallet/wallet-store.ts';
import type { VerifyFlags } from './define.ts';

/** The address as given, or of a wallet of the data folder or of its node: names are never asked of a stranger. */
export async function findAddress(
  cli: Cli,
  flags: VerifyFlags,
  given: string,
): Promise<{ readonly address: string; readonly id: AccountId }> {
  if (given.startsWith('cairn1')) return { address: given, id: addressToAccountId(given) };
  const wallets = await listWallets(await dataFolderOf(cli, flags));
  const own = wallets.find(({ name }) => name === given);
  const { address } = own ?? (await resolveAccount(cli, await connectNode(cli, flags), given));
  return { address, id: addressToAccountId(address) };
}
