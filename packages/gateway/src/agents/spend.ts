import { type AccountId, type Amount, formatAmount } from '@cairn/core';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import { GatewayError } from '../errors.ts';
import { onceFor } from './once.ts';
import type { DeployOrder, DeployOutcome, PaymentOutcome } from './ports.ts';

export interface SpendKey {
  readonly caller: string;
  /** Name of this one payment, made by who pays. */
  readonly key: string;
}

/**
 * Sends money through the meter.
 *
 * @throws GatewayError `payments_not_allowed`, `budget_exceeded`, `wallet_not_allowed`, `idempotency_key_reused`
 */
export async function payOnce(
  context: EndpointContext,
  { caller, key }: SpendKey,
  payment: { readonly to: AccountId; readonly address: string; readonly amount: Amount },
): Promise<object> {
  const { pay } = context.agent;
  if (pay === undefined) {
    throw new GatewayError(
      { code: 'payments_not_allowed' },
      'This gateway sends no money for agents. Its operator allows it with the setting agentPayments.',
    );
  }
  const { to, address, amount } = payment;
  const body = `${address} ${amount}`;
  return onceFor(context, { caller, key, path: '/mcp/pay', body }, async () => {
    await context.checkWallet();
    const reservation = context.completions.meter.reserve(caller, { endpoint: 'pay', model: '' });
    try {
      reservation.hold(amount);
      const outcome = await pay(to, amount).catch((error: unknown): PaymentOutcome => {
        context.log.error('a payment of an agent broke', { reason: String(error) });
        return {
          ok: false,
          reason: 'The payment broke off. The log of the gateway says why.',
          mayHappen: true,
        };
      });
      if (outcome.ok || outcome.mayHappen) reservation.settle(amount);
      if (outcome.ok) {
        const { transaction } = outcome;
        return { told: { paid: formatAmount(amount), to: address, transaction }, isSpent: true };
      }
      if (!outcome.mayHappen) throw new GatewayError({ code: 'payment_failed' }, outcome.reason);
      const warning = `${outcome.reason} It may still happen: look at the balance before paying again with another key.`;
      return { told: { paid: null, to: address, warning }, isSpent: true };
    } finally {
      reservation.release();
    }
  });
}

/**
 * Has the node deploy something, through the meter.
 *
 * @throws GatewayError `deploy_not_available`, `budget_exceeded`, `wallet_not_allowed`, `payment_failed`
 */
export async function deployOnce(
  context: EndpointContext,
  { caller, key }: SpendKey,
  order: DeployOrder,
): Promise<object> {
  const { deploy } = context.agent;
  if (deploy === undefined) {
    throw new GatewayError(
      { code: 'deploy_not_available' },
      'This gateway deploys nothing: its node rents no computers. Ask a model with the tool ask instead.',
    );
  }
  const body = `${order.kind} ${order.budget} ${order.source}`;
  return onceFor(context, { caller, key, path: '/mcp/deploy', body }, async () => {
    await context.checkWallet();
    const reservation = context.completions.meter.reserve(caller, { endpoint: 'deploy', model: '' });
    try {
      reservation.hold(order.budget);
      const outcome = await deploy(order).catch((error: unknown): DeployOutcome => {
        context.log.error('a deployment of an agent broke', { reason: String(error) });
        const reason = 'It broke off, and may have cost all of its budget. The log of the gateway says why.';
        return { ok: false, reason, cost: order.budget };
      });
      if (outcome.cost > 0n) reservation.settle(outcome.cost);
      if (!outcome.ok && outcome.cost === 0n)
        throw new GatewayError({ code: 'payment_failed' }, outcome.reason);
      const told = { ...outcome, cost: formatAmount(outcome.cost) };
      return { told, isSpent: true };
    } finally {
      reservation.release();
    }
  });
}
