import { addressToAccountId, createPureCrypto } from '@cairn/core';
import { systemRandom } from '@cairn/node';
import { fetchParameters, type SealedOrderRequest, sealOrder, untilOpenable } from '@cairn/sdk';
import type { Connection } from '../connect.ts';
import type { Message, Spending } from '../spend.ts';
import { exactCairn } from '../terminal/format.ts';
import type { PlainFlag } from './plain-option.ts';

/** How an order is sent: by one message, or sealed by one and opened by another. */
type Placing = Pick<Spending, 'message' | 'value' | 'before' | 'ready' | 'details'> & {
  readonly plan: { readonly isSealed: boolean };
};

/**
 * @param plain the message that sends it openly
 * @param order the same order to be sealed
 */
export async function placing(
  { ledger }: Connection,
  address: string,
  flags: PlainFlag,
  plain: Message,
  order: SealedOrderRequest['order'],
): Promise<Placing> {
  if (flags.plain === true) return { ...plain, details: [], plan: { isSealed: false } };
  const account = addressToAccountId(address);
  const salt = systemRandom.bytes(32);
  const { seal, open } = sealOrder(createPureCrypto(), { chainId: ledger.chainId, account, order, salt });
  const { sealedOrderBond, sealedOrderFee } = await fetchParameters(ledger);
  const price = `for ${exactCairn(sealedOrderFee)}, and a bond of ${exactCairn(sealedOrderBond)} until it is opened`;
  return {
    before: [{ message: 'pools.sealOrder', value: seal }],
    ready: () => untilOpenable(ledger, account, open.commitment),
    message: 'pools.openOrder',
    value: open,
    details: [['sealed', price]],
    plan: { isSealed: true },
  };
}
