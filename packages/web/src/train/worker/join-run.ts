import { accountIdToAddress, CairnError, formatAmount, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { RunLedger, RunView } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { WebError } from '../../errors.ts';
import type { NodeClient } from './node-client.ts';

/** For the fees of thousands of rounds. */
export const FEES = PEBBLES_PER_CAIRN;

/**
 * Sees to it that this browser's account has the bond and fees. On a local network the node gives them as test money.
 *
 * @throws WebError `MONEY_MISSING` with the address that needs some
 */
export async function bringMoney(node: NodeClient, client: AccountClient, run: RunView): Promise<void> {
  const needed = run.terms.bond + FEES;
  if ((await client.spendable()) < needed) await askForMoney(node, client, needed);
}

/** Puts up the bond and takes a seat with this browser's key. */
export async function takeSeat(
  node: NodeClient,
  client: AccountClient,
  ledger: RunLedger,
  run: RunView,
): Promise<void> {
  const peer = await node.libraryPeer();
  await ledger.join({ run: run.id, device: client.account, engineClass: run.terms.engineClass, peer }, 0n);
}

async function askForMoney(node: NodeClient, client: AccountClient, needed: bigint): Promise<void> {
  const address = accountIdToAddress(client.account);
  try {
    await node.ledger.call('local_fund', { address });
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
  const has = await client.spendable();
  if (has >= needed) return;
  throw new WebError(
    { code: 'MONEY_MISSING', address, has, needs: needed },
    `This browser's account ${address} has ${formatAmount(has)} CAIRN and needs ${formatAmount(needed)}: the bond, which is given back, and fees. Send it the difference and press the button again.`,
  );
}
