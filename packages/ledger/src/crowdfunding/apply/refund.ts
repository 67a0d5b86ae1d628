import { defineMessage, problem } from '../../execution/message.ts';
import { giveBack, keepFund, lapsesAfter } from '../leave.ts';
import { refundFundShape } from '../messages/refund.ts';
import { fundFinalised, fundUnknown } from '../problems.ts';
import { funds, MAX_REFUNDS, places } from '../state.ts';

export const refundFundMessage = defineMessage({
  id: 132,
  name: 'crowdfunding.refund',
  help: 'Gives contributions back to their contributors after a fund missed its goal. Anybody may send it, until the fund is empty and closed.',
  shape: refundFundShape,
  work: ({ limit }) => 2 + 4 * limit,
  apply(context, { fund: number, limit }) {
    const { state, slot } = context;
    if (limit === 0 || limit > MAX_REFUNDS)
      return problem(
        'REFUND_LIMIT_UNFIT',
        `One transaction gives back 1 to ${MAX_REFUNDS} contributions, not ${limit}.`,
      );
    let fund = funds.get(state, number);
    if (fund === undefined) return fundUnknown(number);
    if (fund.netuid !== 0) return fundFinalised(number, fund.netuid);
    const until = fund.raised === fund.goal ? lapsesAfter(context, fund) : fund.endSlot;
    if (slot <= until)
      return problem(
        'CROWDFUND_OPEN',
        `Fund ${number} can be given back after slot ${until}, this is ${slot}.`,
      );
    for (let given = 0; given < limit && fund.contributors > 0; given += 1) {
      const last = places.get(state, number, fund.contributors - 1)!;
      const left = giveBack(context, number, fund, last);
      if (left.refused !== null) return left.refused;
      fund = left.fund;
    }
    keepFund(context, number, fund);
    return null;
  },
});
