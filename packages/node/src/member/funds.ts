import { formatAmount, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { LedgerStatus } from '@cairn/protocol';
import { type AccountClient, type RpcLedger, SdkError } from '@cairn/sdk';
import { NodeError } from '../errors.ts';

/** With less than this, in pebbles, a role cannot pay its deposits and fees for long. */
const LEAST_FUNDS = PEBBLES_PER_CAIRN;

/**
 * Sees to it that an account can pay. A network on one machine gives test money to whoever asks; anywhere else somebody
 * has to send it.
 *
 * @throws NodeError `NO_FUNDS` that names the address
 */
export async function ensureFunds(
  ledger: Pick<RpcLedger, 'call'> & { status(): Promise<Pick<LedgerStatus, 'kind'>> },
  client: Pick<AccountClient, 'address' | 'spendable'>,
): Promise<void> {
  const spendable = await client.spendable();
  if (spendable >= LEAST_FUNDS) return;
  const { kind } = await ledger.status();
  let why = '';
  if (kind === 'local') {
    try {
      await ledger.call('local_fund', { address: client.address });
      return;
    } catch (error) {
      if (!(error instanceof SdkError)) throw error;
      why = ` The network was asked for test money and refused: ${error.message}`;
    }
  }
  throw new NodeError(
    { code: 'NO_FUNDS', address: client.address },
    `The account ${client.address} has ${formatAmount(spendable)} CAIRN, and deposits and fees need at least ${formatAmount(LEAST_FUNDS)}.${why} Send CAIRN to it, for example with ./cairn wallet send, and start again.`,
  );
}
