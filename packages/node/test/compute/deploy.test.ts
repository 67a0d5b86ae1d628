import { deploymentIdOf } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { createAgentDeploy } from '../../src/compute/agent-deploy.ts';
import { crypto } from '../rpc/parts.ts';
import { aMarket, aRequest, CAIRN, ECHO } from './market.ts';
import { textOf } from './parts.ts';

describe('a deployment on a ledger', () => {
  it('is bid for, called, billed by its work, and stopped', async () => {
    const { tenant, provider, during, address, spendable } = await aMarket();
    const deployed = await during(tenant.deploy(aRequest(ECHO)));
    expect(deployed).toMatchObject({ provider: address, perSlot: '1000', bids: 1 });
    const { answer, receipt } = await during(tenant.call('echo', new TextEncoder().encode('hi'), 500));
    expect(textOf(answer.output)).toBe('you said hi');
    expect(receipt.receipt.price).toBe(50n + BigInt(answer.work) * 1_000n);
    const dear = tenant.call('echo', new Uint8Array(0), 80_000_000);
    await expect(dear).rejects.toMatchObject({ code: 'CALL_TOO_DEAR' });
    expect(await tenant.find('echo')).toMatchObject({ leases: [{ lease: deployed.lease }] });
    const before = await spendable();
    await during(provider.payee.claimAll());
    expect(await spendable()).not.toBe(before);
    expect((await during(tenant.stop('echo'))).leases).toHaveLength(1);
    await during(expect.poll(() => provider.hosted().size).toBe(0));
    await expect(tenant.call('echo', new Uint8Array(0), 5)).rejects.toMatchObject({
      code: 'DEPLOYMENT_UNKNOWN',
    });
  });

  it('runs no longer than its funds', async () => {
    const { tenant, provider, during } = await aMarket();
    await during(tenant.deploy(aRequest(ECHO, { funds: 12_000n })));
    await during(expect.poll(() => provider.hosted().size, { timeout: 10_000 }).toBe(0));
    const gone = tenant.call('echo', new Uint8Array(0), 5);
    await expect(gone).rejects.toMatchObject({ code: 'NOT_LEASED' });
  });

  it.each([
    ['the bond is above what the provider stakes', aRequest(ECHO, { minBond: 100n * CAIRN, waitMs: 1_500 })],
    ['the price is below what it asks', aRequest(ECHO, { maxPerSlot: 10n, waitMs: 1_500 })],
    ['the code does not load', { ...aRequest(ECHO, { waitMs: 1_500 }), code: Uint8Array.of(0xff) }],
    [
      'it wants more memory than there is',
      {
        ...aRequest(ECHO, { waitMs: 1_500 }),
        spec: { ...aRequest(ECHO).spec, resources: { cpuMilli: 1, memoryMib: 900, timeMs: 1, gpus: 0 } },
      },
    ],
    [
      'it is an image',
      { ...aRequest(ECHO, { waitMs: 1_500 }), spec: { ...aRequest(ECHO).spec, kind: 'image' as const } },
    ],
  ])('gets no bid when %s, and its order is cancelled', async (_, request) => {
    const { tenant, during, chain } = await aMarket();
    await expect(during(tenant.deploy(request))).rejects.toMatchObject({ code: 'NO_BIDS' });
    expect(await chain.ledger.query('compute_orders', { after: null, limit: 0 })).toEqual([]);
  });
});

describe('a provider', () => {
  it('bids for no more than it has room for, when nobody has accepted a bid yet', async () => {
    const { provider, tenantClient, publish, during, chain } = await aMarket();
    const code = new TextEncoder().encode(ECHO);
    await publish(code);
    async function order(name: string): Promise<string> {
      const { spec } = aRequest(ECHO);
      const wanted = {
        ...{ ...spec, name, maxInstances: 1, resources: { ...spec.resources, memoryMib: 600 } },
        ...{ code: crypto.sha256(code), codeBytes: BigInt(code.length), source: 'tenant' },
      };
      await tenantClient.send('compute.publish', { spec: wanted });
      const { events } = await tenantClient.send('compute.order', {
        deployment: deploymentIdOf(crypto, tenantClient.account, wanted),
        ...{ netuid: 0, maxPerSlot: 2_000n, minBond: CAIRN, minReclaimSlots: 5, expirySlot: 600n },
      });
      return events.find(({ name: event }) => event === 'compute.ordered')?.data.order as string;
    }
    const [first, second] = [await during(order('first')), await during(order('second'))];
    const bidsOn = async (id: string) =>
      (await chain.ledger.query<{ bids: unknown[] }>('compute_order', { order: id })).bids.length;
    await during(expect.poll(() => bidsOn(first), { timeout: 5_000 }).toBe(1));
    await during(expect.poll(() => provider.refusal(second), { timeout: 5_000 }).toMatch(/600 MiB/));
    expect(await bidsOn(second)).toBe(0);
  });
});

describe('what an agent deploys', () => {
  const deployFor = ({ tenant }: Awaited<ReturnType<typeof aMarket>>) =>
    createAgentDeploy(() => ({ tenant: async () => tenant }), {
      random: { bytes: (length) => new Uint8Array(length).fill(7) },
    });

  it('runs, and takes no more out of the wallet than its budget', async () => {
    const market = await aMarket();
    const before = await market.ofTenant();
    const budget = 2n * CAIRN;
    const outcome = await market.during(deployFor(market)({ kind: 'function', source: ECHO, budget }));
    expect(outcome).toMatchObject({ ok: true, cost: budget });
    expect(before - (await market.ofTenant())).toBeLessThanOrEqual(budget);
    const { deployment } = outcome as { deployment: string };
    const called = await market.during(market.tenant.call(deployment, new TextEncoder().encode('hi'), 5_000));
    expect(textOf(called.answer.output)).toBe('you said hi');
  });

  it('costs nothing when it is refused, and says why', async () => {
    const market = await aMarket();
    const deploy = deployFor(market);
    const before = await market.ofTenant();
    for (const order of [
      { kind: 'model', source: 'x', budget: CAIRN },
      { kind: 'image', source: 'x', budget: CAIRN },
      { kind: 'function', source: ECHO, budget: 100n },
    ] as const)
      expect(await deploy(order)).toMatchObject({
        ok: false,
        cost: 0n,
        reason: expect.stringMatching(/\.$/),
      });
    expect(await market.ofTenant()).toBe(before);
  });
});
