import { accounts, type BidTerms, type DeploymentSpec, deploymentIdOf, orderIdOf } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type Call, type TestChain, type TestKey, testCrypto } from './chain.ts';

export const tenant = aKey(1);
export const provider = aKey(2);
export const rival = aKey(3);

export const aSpec = (change: Partial<DeploymentSpec> = {}): DeploymentSpec => ({
  name: 'resize',
  kind: 'javascript',
  code: new Uint8Array(32).fill(7),
  codeBytes: 1_000n,
  source: 'tenant',
  resources: { cpuMilli: 1_000, memoryMib: 64, timeMs: 1_000, gpus: 0 },
  minInstances: 0,
  maxInstances: 4,
  ...change,
});

export const someBid = (change: Partial<BidTerms> = {}): BidTerms => ({
  perSlot: CAIRN,
  price: {
    inputPerMillion: 1_000n,
    cachedInputPerMillion: 0n,
    outputPerMillion: 5_000n,
    perRequest: 1n,
    perImage: 0n,
    perAudioSecond: 0n,
  },
  bond: 10n * CAIRN,
  reclaimSlots: 5,
  peer: 'provider',
  ...change,
});

export const aComputeChain = (parameters: Record<string, bigint> = {}): TestChain =>
  aChain({ funded: [tenant, provider, rival], parameters: { leaseSettleSlots: 10n, ...parameters } });

export const deploymentOf = (owner: TestKey, spec = aSpec()): Uint8Array =>
  deploymentIdOf(testCrypto, owner.account, spec);

/** The order that the next transaction of an account makes. */
export function nextOrder(chain: TestChain, from: TestKey = tenant): Uint8Array {
  const { nonce } = accounts.get(chain.view, from.account)!;
  return orderIdOf(testCrypto, chain.chainId, from.account, nonce);
}

export const anOrderCall = (chain: TestChain, change: object = {}): Call => ({
  from: tenant,
  name: 'compute.order',
  message: {
    deployment: deploymentOf(tenant),
    netuid: 1,
    maxPerSlot: 2n * CAIRN,
    minBond: CAIRN,
    minReclaimSlots: 3,
    expirySlot: BigInt(chain.height()) + 100n,
    ...change,
  },
});

/** A published deployment with an order. */
export function placeOrder(chain: TestChain, change: object = {}, spec = aSpec()): Uint8Array {
  chain.send(tenant, 'compute.publish', { spec });
  const order = nextOrder(chain);
  const { from, name, message } = anOrderCall(chain, { deployment: deploymentOf(tenant, spec), ...change });
  const refused = chain.send(from, name, message);
  if (refused !== null) throw new Error(refused);
  return order;
}

export interface LeaseOptions {
  readonly funds?: bigint;
  readonly terms?: BidTerms;
  readonly spec?: DeploymentSpec;
}

/** A lease that runs. */
export function openLease(
  chain: TestChain,
  { funds = 100n * CAIRN, terms = someBid(), spec = aSpec() }: LeaseOptions = {},
): Uint8Array {
  const order = placeOrder(chain, {}, spec);
  for (const refused of [
    chain.send(provider, 'compute.bid', { order, terms }),
    chain.send(tenant, 'compute.accept', { order, provider: provider.account, funds }),
  ])
    if (refused !== null) throw new Error(refused);
  return order;
}
