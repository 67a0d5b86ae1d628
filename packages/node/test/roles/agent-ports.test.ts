import { PEBBLES_PER_CAIRN } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { createAgentPorts } from '../../src/roles/agent-ports.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

const CAP = PEBBLES_PER_CAIRN / 2n;

/** A sub-key that may send half a CAIRN at once and one in all. */
async function anAgent(payees: 'anybody' | 'nobody here' = 'anybody') {
  const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
  const { owner, gateway: agent } = town.keys;
  const limits = { perCall: CAP, perDay: 2n * CAP, total: 2n * CAP, expirySlot: 1_000_000n, models: [] };
  const named = payees === 'anybody' ? [] : [new Uint8Array(32).fill(5)];
  await town.during(
    town.accounts.owner.send('accounts.setSubKey', {
      key: agent.account,
      limits: { ...limits, messages: ['accounts.transfer'], payees: named },
    }),
  );
  const deployed: unknown[] = [];
  const ports = createAgentPorts(town.parts, {
    client: town.accounts.gateway,
    owner: owner.account,
    mayPay: true,
    deploy: async (order) => {
      deployed.push(order);
      return { ok: true, deployment: 'ab', cost: order.budget };
    },
  });
  const pay = (amount: bigint) => town.during(ports.pay!(agent.account, amount));
  return { town, owner, agent, ports, pay, deployed };
}

describe('the wallet that agents of a gateway use', () => {
  it('sends its owner’s money within the caps of the sub-key, and says what is left', async () => {
    const { town, owner, agent, ports, pay } = await anAgent();
    const before = await town.accounts.owner.spendable();
    expect(await pay(CAP)).toMatchObject({ ok: true });
    expect(before - (await town.accounts.owner.spendable())).toBe(CAP);
    expect(await ports.wallet!()).toEqual({
      address: agent.address,
      owner: owner.address,
      spendable: before - CAP,
      allowance: { perCall: CAP, left: CAP },
    });
    expect(await pay(CAP + 1n)).toMatchObject({ ok: false, mayHappen: false });
    expect(await pay(CAP)).toMatchObject({ ok: true });
    expect(await pay(1n)).toMatchObject({ ok: false, mayHappen: false });
    expect(before - (await town.accounts.owner.spendable())).toBe(2n * CAP);
  });

  it('pays nobody whom the owner did not name', async () => {
    const { town, pay } = await anAgent('nobody here');
    const before = await town.accounts.owner.spendable();
    expect(await pay(1n)).toMatchObject({ ok: false, mayHappen: false });
    expect(await town.accounts.owner.spendable()).toBe(before);
  });

  it('deploys nothing as a sub-key, whose caps would not hold for it', async () => {
    const { ports, deployed } = await anAgent();
    const outcome = await ports.deploy!({ kind: 'function', source: 'x', budget: CAP });
    expect(outcome).toMatchObject({ ok: false, cost: 0n, reason: expect.stringContaining('spendFor') });
    expect(deployed).toEqual([]);
  });

  it('sends nothing unless a setting allows it', async () => {
    const { town } = await anAgent();
    const ports = createAgentPorts(town.parts, { client: town.accounts.gateway, mayPay: false });
    expect(ports.pay).toBeUndefined();
    expect(await ports.wallet!()).toMatchObject({ owner: null, allowance: null });
  });
});
