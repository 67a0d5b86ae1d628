import { describe, expect, it } from 'vitest';
import { declaredWork, MODULES } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, aKey, CAIRN } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];
const pay = (to: { account: Uint8Array }, amount: bigint) =>
  aCall('accounts.transfer', { to: to.account, amount });
const batchMessage = MODULES.flatMap(({ messages }) => messages).find(
  ({ name }) => name === 'accounts.batch',
)!;

describe('a batch', () => {
  it('runs its calls in order, each seeing what those before it did', () => {
    const chain = aChain({ funded: [alice, bob] });
    const calls = [pay(carol, 5n * CAIRN), pay(bob, 2n * CAIRN)];
    const before = chain.spendable(bob);
    const outcome = chain.block([{ from: alice, name: 'accounts.batch', message: { calls } }]);
    expect(outcome.results[0]).toMatchObject({ ok: true });
    expect(outcome.results[0]!.events.map(({ name }) => name)).toEqual([
      'accounts.transferred',
      'accounts.transferred',
    ]);
    expect(chain.spendable(carol)).toBe(5n * CAIRN - 200_000n);
    expect(chain.spendable(bob) - before).toBe(2n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves nothing of the calls before one that is refused, and says which', () => {
    const chain = aChain({ funded: [alice, bob] });
    const before = chain.spendable(bob);
    const calls = [pay(bob, CAIRN), pay(bob, 1_000_000n * CAIRN)];
    const [result] = chain.block([{ from: alice, name: 'accounts.batch', message: { calls } }]).results;
    expect(result!.problem).toMatchObject({
      code: 'BALANCE_TOO_LOW',
      message: expect.stringContaining('Call 2 of 2'),
    });
    expect(result!.events).toEqual([]);
    expect(chain.spendable(bob)).toBe(before);
  });

  it('gives two channels of one batch different ids', () => {
    const chain = aChain({ funded: [alice, bob] });
    const open = aCall('channels.open', { payee: bob.account, netuid: 1, deposit: CAIRN });
    const { events } = chain.block([
      { from: alice, name: 'accounts.batch', message: { calls: [open, open] } },
    ]).results[0]!;
    const ids = events.filter(({ name }) => name === 'channels.opened').map(({ data }) => data.channel);
    expect(new Set(ids).size).toBe(2);
  });

  it('does not go on for an account that it closed', () => {
    const chain = aChain({ funded: [alice, bob] });
    const calls = [aCall('accounts.close', { beneficiary: bob.account }), pay(bob, 1n)];
    expect(chain.send(alice, 'accounts.batch', { calls })).toBe('ACCOUNT_UNKNOWN');
    expect(chain.spendable(alice)).toBeGreaterThan(0n);
  });

  it('refuses what is no call, and an empty list', () => {
    const chain = aChain({ funded: [alice] });
    const send = (calls: unknown) => chain.send(alice, 'accounts.batch', { calls });
    expect(send([])).toBe('BATCH_EMPTY');
    expect(send([{ messageId: 999, message: new Uint8Array(3) }])).toBe('MESSAGE_UNKNOWN');
    expect(send([{ messageId: 1, message: new Uint8Array(3) }])).toBe('CALL_MALFORMED');
  });

  it('holds calls at most four deep', () => {
    const chain = aChain({ funded: [alice, bob] });
    const wrap = (inner: ReturnType<typeof aCall>) => aCall('accounts.batch', { calls: [inner] });
    const third = wrap(wrap(wrap(pay(bob, 1n))));
    expect(chain.send(alice, 'accounts.batch', { calls: [wrap(third)] })).toBe('CALLS_TOO_DEEP');
    expect(chain.send(alice, 'accounts.batch', { calls: [third] })).toBeNull();
  });

  it('declares the work of all its calls', () => {
    const call = pay(bob, 1n);
    const one = declaredWork(batchMessage, { calls: [call] });
    expect(declaredWork(batchMessage, { calls: [call, call, call] }) - one).toBe(2 * (one - 1));
  });

  it('of calls as deep as its bytes allow is weighed without running out of stack', () => {
    let call = pay(bob, 1n);
    for (let depth = 0; depth < 1_000; depth += 1) call = aCall('accounts.batch', { calls: [call] });
    expect(declaredWork(batchMessage, { calls: [call] })).toBe(6);
  });
});
