import { encode } from '@cairn/core';
import {
  contributeShape,
  finaliseFundShape,
  fundsCell,
  openFundShape,
  refundFundShape,
  withdrawContributionShape,
} from '@cairn/ledger';
import type { CallGenerator } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** Funds that are met, missed, left and given back, and some that never were. */
export const crowdfundingGenerator: CallGenerator = {
  module: 'crowdfunding',
  weight: 7,
  call({ random, people, view, height }) {
    const sender = random.pick(people);
    const opened = fundsCell.get(view);
    const fund = Math.max(1, opened + 1 - random.below(4));
    if (opened === 0 || random.oneIn(10)) {
      const goal = 1_000_000_000n + random.belowBig(3_000_000_000n);
      const message = encode(openFundShape, {
        name: `fund ${random.below(9)}`,
        owner: random.oneIn(8) ? random.bytes(32) : random.pick(people).account,
        goal,
        minContribution: goal / (random.oneIn(8) ? 900n : 20n),
        endSlot: BigInt(height) + random.belowBig(60n),
      });
      return { sender, messageId: messageIdOf('crowdfunding.open'), message };
    }
    switch (random.below(8)) {
      case 0: {
        const message = encode(withdrawContributionShape, { fund, isForgone: random.oneIn(2) });
        return { sender, messageId: messageIdOf('crowdfunding.withdraw'), message };
      }
      case 1:
        return {
          sender,
          messageId: messageIdOf('crowdfunding.finalise'),
          message: encode(finaliseFundShape, { fund }),
        };
      case 2:
        return {
          sender,
          messageId: messageIdOf('crowdfunding.refund'),
          message: encode(refundFundShape, { fund, limit: random.below(5) }),
        };
      default: {
        const message = encode(contributeShape, { fund, amount: random.belowBig(1_500_000_000n) });
        return { sender, messageId: messageIdOf('crowdfunding.contribute'), message };
      }
    }
  },
};
