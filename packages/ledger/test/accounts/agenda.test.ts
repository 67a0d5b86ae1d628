import { bytesToHex, hexToBytes } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  agenda,
  agendaCell,
  type Call,
  clock,
  declaredWork,
  MODULES,
  PARAMETERS,
  scheduledIdOf,
} from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey, testCrypto } from '../support/chain.ts';
import { plan, ranIn } from '../support/delegation.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];
const pay = (to: TestKey, amount: bigint) => aCall('accounts.transfer', { to: to.account, amount });
const batch = (...calls: Call[]) => aCall('accounts.batch', { calls });
const join = aCall('validators.join', {
  consensusKey: { scheme: 'ed25519', publicKey: alice.publicKey, signature: new Uint8Array(64) },
});
const aTrio = (parameters: Record<string, bigint> = {}) =>
  aChain({ funded: [alice, bob, carol], parameters });
const schedule = (chain: TestChain, slot: bigint, call: Call, from = alice) =>
  chain.send(from, 'accounts.schedule', { slot, call });

describe('the agenda', () => {
  it('takes slots that lie ahead, up to its horizon', () => {
    const chain = aTrio({ scheduleHorizonSlots: 100n });
    expect(schedule(chain, 0n, pay(bob, 1n))).toBe('SLOT_OUT_OF_RANGE');
    expect(schedule(chain, 2n, pay(bob, 1n))).toBe('SLOT_OUT_OF_RANGE');
    expect(schedule(chain, 104n, pay(bob, 1n))).toBe('SLOT_OUT_OF_RANGE');
    expect(schedule(chain, 104n, pay(bob, 1n))).toBeNull();
    expect(schedule(chain, 0xffff_ffff_ffff_ffffn, pay(bob, 1n))).toBe('SLOT_OUT_OF_RANGE');
  });

  it('refuses what is no call', () => {
    const chain = aTrio();
    const of = (messageId: number) => ({ messageId, message: new Uint8Array(3) });
    expect(schedule(chain, 50n, of(999))).toBe('MESSAGE_UNKNOWN');
    expect(schedule(chain, 50n, of(1))).toBe('CALL_MALFORMED');
  });

  it('holds sixteen calls of an account and sixty-four of a slot', () => {
    const crowd = Array.from({ length: 5 }, (_, n) => aKey(10 + n));
    const chain = aChain({ funded: crowd });
    const message = { slot: 50n, call: pay(bob, CAIRN) };
    for (const from of crowd.slice(0, 4)) {
      const calls = Array.from({ length: 16 }, () => ({ from, name: 'accounts.schedule', message }));
      expect(chain.block(calls).results.every(({ ok }) => ok)).toBe(true);
    }
    expect(schedule(chain, 51n, message.call, crowd[0]!)).toBe('TOO_MANY_SCHEDULED');
    expect(schedule(chain, 50n, message.call, crowd[4]!)).toBe('SLOT_FULL');
    expect(schedule(chain, 51n, message.call, crowd[4]!)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
    chain.advance(50);
    expect(agendaCell.get(chain.view).waiting).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('runs so many calls of a block as it may, the others in the next blocks in order', () => {
    const chain = aTrio({ scheduledPerBlock: 2n });
    const ids = [alice, bob, carol, alice, bob].map((from, n) =>
      bytesToHex(plan(chain, n === 4 ? 9n : 10n, pay(aKey(7), CAIRN), from)),
    );
    const order = [ids[4], ids[0], ids[1], ids[2], ids[3]];
    const blocks = [chain.block([], 6), ...chain.advance(3)];
    expect(blocks.map((block) => ranIn(block).length)).toEqual([2, 2, 1, 0]);
    expect(blocks.flatMap((block) => ranIn(block).map(({ scheduled }) => scheduled))).toEqual(order);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('bounds the work of a block, and refuses a call that alone has more', () => {
    const chain = aTrio({ scheduledWorkPerBlock: 1_000n });
    expect(schedule(chain, 10n, batch(join, join, join))).toBe('SCHEDULED_TOO_HEAVY');
    for (const from of [alice, bob, carol]) plan(chain, 10n, batch(join, join), from);
    const blocks = [chain.block([], 6), ...chain.advance(2)];
    expect(blocks.map((block) => ranIn(block).length)).toEqual([1, 1, 1]);
  });

  it('lets a call run whose work is above a bound that was lowered meanwhile', () => {
    const chain = aTrio();
    const id = plan(chain, 3n, pay(bob, CAIRN));
    const call = batch(...Array.from({ length: 60 }, () => join));
    const record = agenda.get(chain.view, id)!;
    chain.edit((state) => agenda.table.set(state, bytesToHex(id), { ...record, call }));
    plan(chain, 3n, pay(bob, CAIRN), carol);
    expect(ranIn(chain.block())).toHaveLength(1);
    expect(ranIn(chain.block())).toMatchObject([{ code: null }]);
  });

  it('is paid the whole work of a call however deep it was scheduled', () => {
    const chain = aTrio();
    const heavy = batch(batch(pay(bob, 1n), pay(bob, 1n)), pay(bob, 1n));
    const hidden = batch(batch(aCall('accounts.schedule', { slot: 50n, call: heavy })));
    plan(chain, 50n, heavy);
    expect(chain.send(alice, 'accounts.batch', { calls: [hidden] })).toBeNull();
    const paid = agenda.ofSlot(chain.view, 50n).map((id) => agenda.get(chain.view, id)!.prepaid);
    const batchMessage = MODULES.flatMap(({ messages }) => messages).find(
      ({ name }) => name === 'accounts.batch',
    )!;
    const alone = declaredWork(batchMessage, { calls: [batch(pay(bob, 1n), pay(bob, 1n)), pay(bob, 1n)] });
    const whole = PARAMETERS.feePerWork.initial * BigInt(alone);
    expect(paid).toEqual([whole, whole]);
  });

  it('catches up after a long time without blocks, however many slots passed', () => {
    const chain = aTrio({ maxSlotsPerBlock: 100n });
    plan(chain, 2_000n, pay(bob, CAIRN));
    const ran = Array.from({ length: 21 }, () => ranIn(chain.block([], 100)).length);
    expect(ran.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is not written while nothing waits', () => {
    const chain = aTrio();
    expect(chain.block().changes.some(({ key }) => key === agendaCell.key)).toBe(false);
  });
});

describe('any agenda', () => {
  it('runs each call once, none early, in the order of slots and then of scheduling, unless it was cancelled', () => {
    const step = fc.record({
      ahead: fc.integer({ min: 1, max: 12 }),
      slots: fc.integer({ min: 0, max: 5 }),
      who: fc.nat(2),
      isCancelled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), (steps, most) => {
        const chain = aTrio({ scheduledPerBlock: BigInt(most) });
        const due: { id: string; slot: bigint; from: TestKey }[] = [];
        const ran: string[] = [];
        const keep = (outcome: ReturnType<TestChain['block']>) => {
          const now = clock.get(chain.view).slot;
          for (const { scheduled, slot } of ranIn(outcome)) {
            expect(BigInt(slot as string) <= now).toBe(true);
            ran.push(scheduled as string);
          }
          expect(ranIn(outcome).length).toBeLessThanOrEqual(most);
        };
        for (const { ahead, slots, who, isCancelled } of steps) {
          const from = [alice, bob, carol][who]!;
          const waiting = due.filter(({ id }) => !ran.includes(id));
          if (isCancelled && waiting.length > 0) {
            const { id, from: owner } = waiting[0]!;
            const message = { scheduled: hexToBytes(id) };
            const outcome = chain.block([{ from: owner, name: 'accounts.cancelScheduled', message }], slots);
            keep(outcome);
            if (outcome.results[0]!.ok)
              due.splice(
                due.findIndex((entry) => entry.id === id),
                1,
              );
          } else {
            const slot = clock.get(chain.view).slot + BigInt(slots + ahead);
            const { nonce } = accounts.get(chain.view, from.account)!;
            const id = bytesToHex(scheduledIdOf(testCrypto, chain.chainId, from.account, nonce));
            const message = { slot, call: pay(aKey(7), CAIRN) };
            const outcome = chain.block([{ from, name: 'accounts.schedule', message }], slots);
            keep(outcome);
            if (outcome.results[0]!.ok) due.push({ id, slot, from });
          }
          expect(brokenInvariants(chain)).toEqual([]);
        }
        for (let n = 0; n < 60; n += 1) keep(chain.block());
        const inOrder = [...due].sort((a, b) => (a.slot < b.slot ? -1 : a.slot > b.slot ? 1 : 0));
        expect(ran).toEqual(inOrder.map(({ id }) => id));
      }),
      { numRuns: 40 },
    );
  });
});
