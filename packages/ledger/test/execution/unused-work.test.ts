import { describe, expect, it } from 'vitest';
import { accounts, declaredWork, MODULES, readParameters } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [alice, bob, hotkey] = [aKey(1), aKey(2), aKey(3)];
const workOf = (name: string, message: unknown) =>
  declaredWork(MODULES.flatMap(({ messages }) => messages).find((known) => known.name === name)!, message);

/** What one message of alice costs, and how much of it is for work. */
function costOf(chain: TestChain, name: string, message: unknown) {
  const before = chain.spendable(alice);
  const recycled = chain.supply().recycled;
  const [result] = chain.block([{ from: alice, name, message }]).results;
  const { feePerWork } = readParameters(chain.view);
  return {
    fee: result!.fee,
    code: result!.problem?.code ?? null,
    gone: before - chain.spendable(alice),
    recycled: chain.supply().recycled - recycled,
    declared: feePerWork * BigInt(workOf(name, message)),
  };
}

describe('the fee of a transaction', () => {
  it('keeps what the work that was done costs, and gives the rest of what was declared back', async () => {
    const chain = aChain({
      funded: [alice, bob],
      parameters: { feePerByte: 0n, feeBase: 0n, feePerWork: 1_000n },
    });
    chain.send(bob, 'subnets.create', { name: 'one', lockLimit: 10_000n * CAIRN });
    const proof = await agreement(chain.chainId, hotkey, alice.account);
    chain.send(alice, 'staking.associateHotkey', { hotkey: proof });
    // On a subnet with room no neuron is read to find the one that goes.
    const message = { netuid: 1, hotkey: hotkey.account, burnLimit: 1_000n * CAIRN };
    const register = costOf(chain, 'subnets.registerNeuron', message);
    expect(register.code).toBeNull();
    expect(register.fee).toBeLessThan(register.declared / 8n);
    expect(register.fee).toBeGreaterThan(5_000n);
    expect(register.recycled).toBe(register.fee);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of a refused message is for what it looked at', () => {
    const chain = aChain({
      funded: [alice],
      parameters: { feePerByte: 0n, feeBase: 0n, feePerWork: 1_000n },
    });
    const message = { netuid: 9, hotkey: hotkey.account, burnLimit: 0n };
    const refused = costOf(chain, 'subnets.registerNeuron', message);
    expect(refused.code).toBe('SUBNET_UNKNOWN');
    // The subnet, and whether there ever was one.
    expect(refused.fee).toBe(2_000n);
    expect(refused.gone).toBe(refused.fee);
  });

  it('counts a signature that the message checks, good or not', async () => {
    const chain = aChain({
      funded: [alice],
      parameters: { feePerByte: 0n, feeBase: 0n, feePerWork: 1_000n },
    });
    const stolen = await agreement(chain.chainId, hotkey, bob.account);
    const refused = costOf(chain, 'staking.associateHotkey', { hotkey: stolen });
    expect(refused.code).toBe('HOTKEY_SIGNATURE_INVALID');
    expect(refused.fee).toBeGreaterThanOrEqual(40_000n);
    expect(refused.fee).toBeLessThanOrEqual(refused.declared);
  });

  it('stays whole when the sender closes its account', () => {
    const chain = aChain({
      funded: [alice, bob],
      parameters: { feePerByte: 0n, feeBase: 0n, feePerWork: 1_000n },
    });
    const close = { beneficiary: bob.account };
    const [result] = chain.block([{ from: alice, name: 'accounts.close', message: close }]).results;
    expect(result!.fee).toBe(1_000n * BigInt(workOf('accounts.close', close)));
    expect(accounts.get(chain.view, alice.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is never more than was declared', () => {
    const chain = aChain({
      funded: [alice, bob],
      parameters: { feePerByte: 0n, feeBase: 0n, feePerWork: 1_000n },
    });
    const transfer = costOf(chain, 'accounts.transfer', { to: bob.account, amount: CAIRN });
    expect(transfer.fee).toBeLessThanOrEqual(transfer.declared);
    expect(transfer.gone).toBe(CAIRN + transfer.fee);
  });
});
