import { acceptBidMessage } from './apply/accept.ts';
import { bidMessage } from './apply/bid.ts';
import { cancelOrderMessage } from './apply/cancel-order.ts';
import {
  abandonLeaseMessage,
  announceReclaimMessage,
  closeLeaseMessage,
  topUpLeaseMessage,
} from './apply/leases.ts';
import { orderMessage } from './apply/order.ts';
import { publishDeploymentMessage } from './apply/publish.ts';
import { retireDeploymentMessage } from './apply/retire.ts';
import { withdrawBidMessage } from './apply/withdraw-bid.ts';
import {
  deploymentByNameQuery,
  deploymentQuery,
  deploymentsQuery,
  leaseQuery,
  leasesQuery,
  orderQuery,
  ordersQuery,
} from './query.ts';
import { settleDue } from './settle.ts';

/** Compute: what is deployed, who runs it, and leases that are paid slot by slot. */
export const computeModule = {
  name: 'compute',
  messages: [
    publishDeploymentMessage,
    retireDeploymentMessage,
    orderMessage,
    bidMessage,
    withdrawBidMessage,
    cancelOrderMessage,
    acceptBidMessage,
    topUpLeaseMessage,
    announceReclaimMessage,
    closeLeaseMessage,
    abandonLeaseMessage,
  ],
  queries: [
    deploymentQuery,
    deploymentByNameQuery,
    deploymentsQuery,
    orderQuery,
    ordersQuery,
    leaseQuery,
    leasesQuery,
  ],
  endBlock: settleDue,
} as const;
