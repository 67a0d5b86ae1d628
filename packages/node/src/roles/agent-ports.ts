import { type AccountId, accountIdToAddress } from '@cairn/core';
import type { AgentPorts, DeployOutcome } from '@cairn/gateway';
import { type AccountClient, fetchAllowance, messageToCall, SdkError } from '@cairn/sdk';
import type { NodeParts } from './parts.ts';

export interface AgentPortsOptions {
  readonly client: AccountClient;
  /** Whose money it spends as a sub-key. @default its own */
  readonly owner?: AccountId;
  /** Whether agents may send money. */
  readonly mayPay: boolean;
  /** How what agents deploy is deployed; offered when they may send money. @default it is not */
  readonly deploy?: AgentPorts['deploy'];
}

/** Leases are rented by the account that signs: the caps of a sub-key would not hold for them. */
async function refuseToDeploy(): Promise<DeployOutcome> {
  const reason =
    'This gateway spends as a sub-key, whose caps do not hold for leases. Its operator unsets spendFor to let agents deploy from its own money.';
  return { ok: false, reason, cost: 0n };
}

/** What agents may do with the wallet of a gateway. The ledger keeps the caps of a sub-key. */
export function createAgentPorts(
  { ledger }: Pick<NodeParts, 'ledger'>,
  { client, owner, mayPay, deploy }: AgentPortsOptions,
): AgentPorts {
  async function wallet() {
    const spendable = await client.spendable();
    if (owner === undefined) return { address: client.address, owner: null, spendable, allowance: null };
    const address = accountIdToAddress(owner);
    const [of, found] = await Promise.all([
      ledger.query<{ readonly spendable: string } | null>('accounts_get', { address }),
      fetchAllowance(ledger, address, client.address),
    ]);
    const allowance = found.ok ? { perCall: found.perCall, left: found.left } : { perCall: 0n, left: 0n };
    return { address: client.address, owner: address, spendable: BigInt(of?.spendable ?? '0'), allowance };
  }

  function send(to: AccountId, amount: bigint) {
    if (owner === undefined) return client.send('accounts.transfer', { to, amount });
    const call = messageToCall('accounts.transfer', { to, amount });
    return client.send('accounts.spendAs', { owner, call });
  }

  return {
    wallet,
    ...(mayPay && deploy !== undefined && { deploy: owner === undefined ? deploy : refuseToDeploy }),
    ...(mayPay && {
      async pay(to, amount) {
        try {
          return { ok: true, transaction: (await send(to, amount)).id };
        } catch (error) {
          if (!(error instanceof SdkError)) throw error;
          const { problem, message } = error;
          const isRefused =
            problem.code === 'TRANSACTION_REFUSED' && problem.reason !== 'NOT_INCLUDED_IN_TIME';
          return { ok: false, reason: message, mayHappen: !isRefused };
        }
      },
    }),
  };
}
