import { addressToAccountId, authorize, hexToBytes } from '@cairn/core';
import { hotkeySignBytes } from '@cairn/sdk';
import { askNode } from '../answer/ask-node.ts';
import { asAnything } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { findRoles } from '../node-views.ts';
import { HOTKEY_NAME, openSender, ROLE_HOTKEY, type Sender } from '../sender.ts';
import type { Message } from '../spend.ts';
import { printable } from '../terminal/printable.ts';

/** A hotkey as somebody named it. */
export interface NamedHotkey {
  readonly address: string;
  /** Opened, when it is one of a wallet here. */
  readonly sender: Sender | null;
}

/**
 * A hotkey: its address, a role of the node, `role:validator-1`, or `savings/1` for the first of wallet savings.
 *
 * @throws CliError `WALLET_UNKNOWN`; CoreError `ADDRESS_MALFORMED`
 */
export async function resolveHotkey(cli: Cli, connection: Connection, given: string): Promise<NamedHotkey> {
  if (given.startsWith('cairn1')) {
    addressToAccountId(given);
    return { address: given, sender: null };
  }
  if (HOTKEY_NAME.test(given) || given.startsWith(ROLE_HOTKEY)) {
    const sender = await openSender(cli, connection, given);
    return { address: sender.address, sender };
  }
  const role = (await findRoles(connection)).find(({ name }) => name === given);
  if (role !== undefined) return { address: role.address, sender: null };
  throw new CliError(
    { code: 'WALLET_UNKNOWN', name: given },
    `There is no hotkey ${printable(given)} here. Name an address, a role of ./cairn status, or savings/1 for the first hotkey of wallet savings.`,
  );
}

/** What makes `coldkey` the owner of a hotkey of a wallet here; nothing when the hotkey has an owner. */
export async function associateFirst(
  connection: Connection,
  coldkey: string,
  { address, sender }: NamedHotkey,
): Promise<Message[]> {
  if (sender === null || sender.signer === null) return [];
  if ((await askNode(connection, 'staking_hotkey', { hotkey: address }, asAnything)) !== null) return [];
  const signBytes = hotkeySignBytes(hexToBytes(connection.ledger.chainId), addressToAccountId(coldkey));
  return [
    { message: 'staking.associateHotkey', value: { hotkey: await authorize(sender.signer, signBytes) } },
  ];
}
