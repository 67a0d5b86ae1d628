import { areBytesEqual, formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { orderSealed } from '../events.ts';
import { sealOrderShape } from '../messages/seal-order.ts';
import { findSealed, SEALED_BYTES, sealedOrders } from '../sealed.ts';

export const sealOrderMessage = defineMessage({
  id: 148,
  name: 'pools.sealOrder',
  help: 'Commits to a swap without showing it. It is opened when its turn comes, at the earliest in the next block; its bond comes back then.',
  shape: sealOrderShape,
  work: () => 8,
  apply(context, { commitment }) {
    const { state, sender, nonce, parameters } = context;
    const { maxSealedOrders, maxSealedPerAccount, sealedOrderBond: bond, sealedOrderFee } = parameters;
    const waiting = sealedOrders.waiting(state);
    const opening = sealedOrders.opening(state).sealed;
    if (
      findSealed(waiting, sender, commitment) !== undefined ||
      findSealed(opening, sender, commitment) !== undefined
    )
      return problem(
        'COMMITMENT_TAKEN',
        'You have sealed this order already. Seal another with its own salt.',
      );
    if (BigInt(waiting.length) >= maxSealedOrders)
      return problem(
        'SEALED_ORDERS_FULL',
        `${maxSealedOrders} sealed orders wait for their turn already. Send this again in a later block, or place a plain order.`,
      );
    const isOwn = ({ owner }: { readonly owner: Uint8Array }) => areBytesEqual(owner, sender);
    const own = waiting.filter(isOwn).length + opening.filter(isOwn).length;
    if (BigInt(own) >= maxSealedPerAccount)
      return problem(
        'SEALED_ORDERS_TOO_MANY',
        `You have ${own} sealed orders that are not opened; an account has at most ${maxSealedPerAccount}. Open one first.`,
      );
    const deposit = recordDeposit(context, SEALED_BYTES);
    const refused =
      debit(context, sender, sealedOrderFee, 'pools.sealFee') ??
      debit(context, sender, bond, 'pools.escrowBond') ??
      holdDeposit(context, sender, deposit);
    if (refused !== null)
      return refused.code === 'BALANCE_TOO_LOW'
        ? problem(
            refused.code,
            `${refused.message} A sealed order costs ${formatAmount(sealedOrderFee)} and keeps a bond of ${formatAmount(bond)} CAIRN until it is opened.`,
          )
        : refused;
    sealedOrders.add(state, { owner: sender, commitment, nonce, bond, deposit });
    orderSealed(context, { owner: sender, commitment, bond });
    return null;
  },
});
