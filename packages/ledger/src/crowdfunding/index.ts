import { contributeMessage } from './apply/contribute.ts';
import { finaliseFundMessage } from './apply/finalise.ts';
import { openFundMessage } from './apply/open.ts';
import { refundFundMessage } from './apply/refund.ts';
import { withdrawContributionMessage } from './apply/withdraw.ts';
import { contributionsQuery, fundQuery, fundsQuery } from './query.ts';

/** Funds that create a subnet together, or give everything back. */
export const crowdfundingModule = {
  name: 'crowdfunding',
  messages: [
    openFundMessage,
    contributeMessage,
    withdrawContributionMessage,
    finaliseFundMessage,
    refundFundMessage,
  ],
  queries: [fundQuery, fundsQuery, contributionsQuery],
} as const;
