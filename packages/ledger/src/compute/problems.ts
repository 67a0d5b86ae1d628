import { bytesToHex } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';

export const deploymentUnknown = (id: Uint8Array): TransactionProblem =>
  problem('DEPLOYMENT_UNKNOWN', `There is no deployment ${bytesToHex(id)}. Publish it first.`);

export const orderUnknown = (id: Uint8Array): TransactionProblem =>
  problem(
    'ORDER_UNKNOWN',
    `There is no order ${bytesToHex(id)}. It never was, became a lease, or was cancelled.`,
  );

export const leaseUnknown = (id: Uint8Array): TransactionProblem =>
  problem(
    'LEASE_UNKNOWN',
    `There is no lease ${bytesToHex(id)}. It never was, or it ended: the event compute.leaseClosed says why.`,
  );
