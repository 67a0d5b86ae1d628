import { addressToAccountId, formatAmount } from '@cairn/core';
import type { AccountClient } from '@cairn/sdk';
import { WebError } from '../../errors.ts';

/**
 * Sends what this browser's account has to another: its key cannot be read out, so nobody else can.
 *
 * @param to address.
 * @param keep pebbles that stay, for the fees of rounds to come.
 * @returns pebbles sent
 * @throws WebError `NOTHING_TO_SEND`; CoreError for what is no address; SdkError `TRANSACTION_REFUSED`
 */
export async function sendMoney(
  client: Pick<AccountClient, 'prepare' | 'send' | 'spendable'>,
  to: string,
  keep: bigint,
): Promise<bigint> {
  const has = await client.spendable();
  const transfer = (amount: bigint) => ({ to: addressToAccountId(to), amount });
  const { fee } = await client.prepare('accounts.transfer', transfer(has));
  const amount = has - fee - keep;
  if (amount <= 0n)
    throw new WebError(
      { code: 'NOTHING_TO_SEND', has, keeps: keep },
      `This browser has ${formatAmount(has)} CAIRN that it can send, and keeps ${formatAmount(keep)} for fees while it trains. What is still vesting, and the bond, come later.`,
    );
  await client.send('accounts.transfer', transfer(amount));
  return amount;
}
