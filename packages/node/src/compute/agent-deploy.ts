import { CairnError, formatAmount, utf8ToBytes } from '@cairn/core';
import type { AgentPorts } from '@cairn/gateway';
import { LOCAL_COMPUTE } from '../up/plan.ts';
import { checkDeployment } from './check-deployment.ts';
import type { ComputeDesk } from './compute-desk.ts';

/** Kept out of the lease for the deposits of deployment, order and lease, and for their fees: 0.2 CAIRN. */
const OVERHEAD = 200_000_000n;
const NAME_BYTES = 8;

type Deploy = NonNullable<AgentPorts['deploy']>;
type Order = Parameters<Deploy>[0];

/**
 * Deploys functions for agents, within their budgets. The whole budget counts as spent: what a lease has not used when
 * it ends returns to the wallet, not to the agent.
 */
export function createAgentDeploy(
  compute: () => Pick<ComputeDesk, 'tenant'>,
  { random }: { readonly random: { bytes(length: number): Uint8Array } },
): Deploy {
  async function deploy({ source, budget }: Order): ReturnType<Deploy> {
    const name = `agent-${Buffer.from(random.bytes(NAME_BYTES)).toString('hex')}`;
    const spec = {
      name,
      kind: 'javascript' as const,
      resources: { cpuMilli: 1_000, memoryMib: 64, timeMs: 10_000, gpus: 0 },
      minInstances: 0,
      maxInstances: 4,
    };
    checkDeployment(spec);
    const tenant = await compute().tenant();
    const { deployment } = await tenant.deploy({
      spec,
      code: utf8ToBytes(source),
      maxPerSlot: LOCAL_COMPUTE.perSlot,
      minBond: LOCAL_COMPUTE.minBond,
      minReclaimSlots: LOCAL_COMPUTE.minReclaimSlots,
      funds: budget - OVERHEAD,
    });
    return { ok: true, deployment, cost: budget };
  }

  return async (order) => {
    const refused = (reason: string) => ({ ok: false as const, reason, cost: 0n });
    if (order.kind === 'model')
      return refused('Models are served with cairn model serve, which prices them by tokens.');
    if (order.kind === 'image')
      return refused('Images are not run for agents: this node deploys functions in JavaScript.');
    if (order.budget <= OVERHEAD)
      return refused(
        `Deposits and fees take up to ${formatAmount(OVERHEAD)} CAIRN; the budget has to be larger.`,
      );
    try {
      return await deploy(order);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      // An order that nobody bids on is cancelled; its deposits return, its fees do not.
      return { ok: false, reason: error.message, cost: OVERHEAD };
    }
  };
}
