import type { AccountId, Address } from '@cairn/core';
import type { LedgerReader } from '@cairn/protocol';
import type { AccountClient } from '../ledger/account-client.ts';
import { messageToCall } from '../ledger/call.ts';
import { type ChannelLedger, createChannelLedger, openedChannel } from './channel-ledger.ts';

/** What an owner allows a sub-key, as the ledger says it now. */
export type Allowance =
  | {
      readonly ok: true;
      /** Most pebbles that one call may take. */
      readonly perCall: bigint;
      /** Pebbles left of all it may ever take. */
      readonly left: bigint;
      /** Hex ids of the models it may ask; none: any. */
      readonly models: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

interface SubKeyRow {
  readonly key: string;
  readonly limits: {
    readonly perCall: string;
    readonly total: string;
    readonly expirySlot: string;
    readonly messages: readonly string[];
    readonly models: readonly string[];
  };
  readonly spent: string;
  readonly isVoid: boolean;
  readonly isExpired: boolean;
}

/** Looks a sub-key up. Caps that are used up are the ledger's to say, when something is spent. */
export async function fetchAllowance(
  reader: Pick<LedgerReader, 'query'>,
  owner: Address,
  key: Address,
): Promise<Allowance> {
  const row = await findSubKey(reader, owner, key);
  const no = (reason: string): Allowance => ({ ok: false, reason });
  if (row === null) return no(`${key} is no sub-key of ${owner}. The owner sets one.`);
  if (row.isVoid)
    return no(`The key of ${owner} changed since it set the sub-key ${key}. The owner sets it again.`);
  const { perCall, total, expirySlot, messages, models } = row.limits;
  if (row.isExpired) return no(`The sub-key ${key} could spend until slot ${expirySlot}.`);
  if (!messages.includes('accounts.transfer'))
    return no(
      `The sub-key ${key} may run ${messages.join(', ')}; to fill channels it needs accounts.transfer.`,
    );
  const left = BigInt(total) - BigInt(row.spent);
  return { ok: true, perCall: BigInt(perCall), left: left < 0n ? 0n : left, models };
}

async function findSubKey(
  reader: Pick<LedgerReader, 'query'>,
  owner: Address,
  key: Address,
): Promise<SubKeyRow | null> {
  let after: string | null = null;
  for (;;) {
    const page: SubKeyRow[] = await reader.query('accounts_subKeys', { owner, after, limit: 0 });
    const found = page.find((row) => row.key === key);
    if (found !== undefined || page.length === 0) return found ?? null;
    after = page.at(-1)!.key;
  }
}

/**
 * Channels of a sub-key, filled with its owner's money. A voucher is signed by the key of whoever opened the
 * channel, so the sub-key opens its own and draws for each deposit what it puts in: in one transaction, both or
 * neither, so that every pebble in its channels was counted against its caps. Fees and the bond of a channel's
 * record are its own, and so is what comes back from a channel.
 */
export function createAllowedChannelLedger(
  client: AccountClient,
  reader: LedgerReader,
  owner: AccountId,
): ChannelLedger {
  function drawAnd(amount: bigint, message: string, value: unknown) {
    const draw = messageToCall('accounts.transfer', { to: client.account, amount });
    const calls = [messageToCall('accounts.spendAs', { owner, call: draw }), messageToCall(message, value)];
    return client.send('accounts.batch', { calls });
  }
  return {
    ...createChannelLedger(client, reader),
    async open(payee, netuid, deposit) {
      return openedChannel(await drawAnd(deposit, 'channels.open', { payee, netuid, deposit }), payee);
    },
    async topUp(channel, amount) {
      await drawAnd(amount, 'channels.topUp', { channel, amount });
    },
  };
}
