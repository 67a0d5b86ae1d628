import { areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { tokensTransferred } from '../events.ts';
import { transferTokensShape } from '../messages/transfer.ts';
import { amountZero } from '../problems.ts';
import { holdings, markets } from '../state.ts';
import { closeEmptyHolding, creditTokens, debitTokens, openHoldingFor } from '../tokens.ts';

export const transferTokensMessage = defineMessage({
  id: 147,
  name: 'pools.transfer',
  help: "Gives tokens of a subnet to another account. The sender pays the deposit of the payee's record when it has none.",
  shape: transferTokensShape,
  work: () => 6,
  apply(context, { netuid, to, amount }) {
    const { state, sender } = context;
    if (markets.get(state, netuid) === undefined) return subnetUnknown(state, netuid);
    if (amount === 0n) return amountZero();
    if (areBytesEqual(to, sender)) return problem('SENDER_IS_PAYEE', 'The tokens are yours already.');
    const refused =
      debitTokens(context, sender, netuid, amount) ??
      (holdings.get(state, to, netuid) === undefined ? openHoldingFor(context, sender, to, netuid) : null);
    if (refused !== null) return refused;
    creditTokens(context, to, netuid, amount);
    closeEmptyHolding(context, sender, netuid);
    tokensTransferred(context, { netuid, from: sender, to, amount });
    return null;
  },
});
