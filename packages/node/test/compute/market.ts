import { accountIdToAddress, type Signer } from '@cairn/core';
import type { ContainerHost } from '@cairn/engines';
import { createMemoryNetwork } from '@cairn/network';
import { createAccountClient, createChannelLedger, createPayer } from '@cairn/sdk';
import { onTestFinished } from 'vitest';
import { startComputeProvider } from '../../src/compute/provider-role.ts';
import { createTenant, type DeployRequest, type TenantParts } from '../../src/compute/tenant.ts';
import { createEvidenceServer } from '../../src/evidence/evidence-server.ts';
import { createMetrics } from '../../src/real/metrics.ts';
import type { SealingKeyring } from '../../src/sealing/sealing-keys.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { aChain, accountOf, aSigner, crypto } from '../rpc/parts.ts';
import { realClock, realTimer, threadSandbox } from './parts.ts';

export const CAIRN = 1_000_000_000n;
export const ECHO = 'export const handle = ({ text }) => "you said " + text';

export interface MarketOptions {
  readonly maxBond?: bigint;
  /** Runs images for the provider. */
  readonly containers?: ContainerHost;
  /** Counts what the tenant's calls cost. */
  readonly reserve?: TenantParts['reserve'];
  /** Keys that calls are sealed to. @default calls come in clear */
  readonly sealing?: SealingKeyring;
}

/** A chain whose blocks come while something waits, one provider and one tenant. */
export async function aMarket({ maxBond = 10n * CAIRN, containers, reserve, sealing }: MarketOptions = {}) {
  const [tenantSigner, providerSigner] = [aSigner('tenant'), aSigner('provider')];
  const chain = await aChain([tenantSigner, providerSigner]);
  const { log } = chain;
  let next = 0;
  const parts = {
    crypto,
    clock: realClock,
    timer: realTimer,
    log,
    random: { bytes: (length: number) => crypto.sha256(Uint8Array.of(next++)).slice(0, length) },
    metrics: createMetrics(),
    chainId: Uint8Array.from(Buffer.from(chain.ledger.chainId, 'hex')),
    ledger: chain.ledger,
  };
  const clientOf = (signer: Signer) => createAccountClient({ crypto, signer, ledger: chain.ledger });
  const network = createMemoryNetwork();

  async function during<T>(promise: PromiseLike<T>): Promise<T> {
    let isOver = false;
    const settled = Promise.resolve(promise).finally(() => {
      isOver = true;
    });
    settled.catch(() => undefined);
    while (!isOver) {
      await chain.blocks(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return settled;
  }

  const client = clientOf(providerSigner);
  const provider = await during(
    startComputeProvider(parts, {
      name: 'provider',
      client,
      transport: network.join(client.address),
      records: aRecordStore(),
      sandbox: threadSandbox,
      blobs: aBlobStore(),
      perSlot: 1_000n,
      price: {
        inputPerMillion: 0n,
        cachedInputPerMillion: 0n,
        outputPerMillion: 1_000_000_000n,
        perRequest: 50n,
        perImage: 0n,
        perAudioSecond: 0n,
      },
      maxBond,
      maxReclaimSlots: 100,
      memoryMib: 1_024,
      cores: 4,
      registries: [],
      ...(containers === undefined ? {} : { containers }),
      ...(sealing === undefined ? {} : { sealing }),
      idleMs: 200,
    }),
  );
  onTestFinished(() => during(provider[Symbol.asyncDispose]()));
  const tenantClient = clientOf(tenantSigner);
  const transport = network.join('tenant');
  const records = aRecordStore();
  const served = createEvidenceServer({ ...parts, transport, blobs: aBlobStore(), records });
  const payer = createPayer({
    ...parts,
    signer: tenantSigner,
    ledger: createChannelLedger(tenantClient, chain.ledger),
    records,
  });
  const publish = (code: Uint8Array) => served.publish(code);
  const tenant = createTenant({
    ...{ parts, client: tenantClient, payer, transport, publish },
    mostPerCall: CAIRN,
    othersMs: 100,
    ...(reserve === undefined ? {} : { reserve }),
    refusal: (order) => provider.refusal(order),
  });
  return {
    chain,
    provider,
    tenant,
    tenantClient,
    publish,
    during,
    spendable: () => client.spendable(),
    ofTenant: () => tenantClient.spendable(),
    address: accountIdToAddress(accountOf(providerSigner)),
  };
}

export const aRequest = (source: string, change: Partial<DeployRequest> = {}): DeployRequest => ({
  spec: {
    name: 'echo',
    kind: 'javascript',
    resources: { cpuMilli: 1_000, memoryMib: 32, timeMs: 5_000, gpus: 0 },
    minInstances: 0,
    maxInstances: 4,
  },
  code: new TextEncoder().encode(source),
  maxPerSlot: 2_000n,
  minBond: CAIRN,
  minReclaimSlots: 5,
  funds: CAIRN,
  waitMs: 10_000,
  ...change,
});
