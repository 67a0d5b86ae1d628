import { describe, expect, it } from 'vitest';
import { createRounds } from '../../src/channels/rounds.ts';
import { shareVoucher } from '../../src/channels/voucher-wish.ts';

const sold = (byte: number) => ({
  artifact: new Uint8Array(32).fill(byte),
  model: new Uint8Array(32),
});

describe('rounds', () => {
  it('do together what is asked for while the one before is under way', async () => {
    const rounds: { wishes: readonly string[]; end: PromiseWithResolvers<string> }[] = [];
    const ask = createRounds<string, string>((wishes) => {
      const end = Promise.withResolvers<string>();
      rounds.push({ wishes, end });
      return { left: [], done: end.promise };
    });
    const first = ask('a');
    const others = [ask('b'), ask('c')];
    expect(rounds.map(({ wishes }) => wishes)).toEqual([['a']]);
    rounds[0]!.end.resolve('one');
    expect(await first).toBe('one');
    expect(rounds.map(({ wishes }) => wishes)).toEqual([['a'], ['b', 'c']]);
    rounds[1]!.end.resolve('two');
    expect(await Promise.all(others)).toEqual(['two', 'two']);
  });

  it('wait with who has patience for somebody to share a round, and no longer', async () => {
    const rounds: (readonly string[])[] = [];
    const timers = new Set<() => void>();
    const ask = createRounds<string, void>(
      (wishes) => {
        rounds.push(wishes);
        return { left: [], done: Promise.resolve() };
      },
      {
        schedule(_, action) {
          timers.add(action);
          return () => timers.delete(action);
        },
      },
    );
    const patient = ask('a', 10);
    expect(rounds).toEqual([]);
    await Promise.all([patient, ask('b')]);
    expect(rounds).toEqual([['a', 'b']]);
    expect(timers.size, 'nothing is left to be woken for').toBe(0);
    const alone = ask('c', 10);
    for (const wake of timers) wake();
    await alone;
    expect(rounds).toEqual([['a', 'b'], ['c']]);
  });

  it('keep what a round leaves for the next, and fail only those of the round that failed', async () => {
    const ask = createRounds<number, number>((wishes) => ({
      left: wishes.slice(1),
      done: wishes[0] === 2 ? Promise.reject(new Error('no disk')) : Promise.resolve(wishes[0]!),
    }));
    const asked = [1, 2, 3].map(ask);
    expect(await Promise.allSettled(asked)).toMatchObject([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: { message: 'no disk' } },
      { status: 'fulfilled', value: 3 },
    ]);
  });
});

describe('a shared voucher', () => {
  it('promises what the one that needs most needs, and leaves other goods for the next', () => {
    const wish = (cumulative: bigint, byte: number) => ({ cumulative: () => cumulative, sold: sold(byte) });
    const other = wish(90n, 2);
    const { left, wanted } = shareVoucher(['save', wish(5n, 1), other, wish(7n, 1)]);
    expect(wanted).toEqual({ cumulative: 7n, sold: sold(1) });
    expect(left).toEqual([other]);
  });

  it('is none where the books are only written', () => {
    expect(shareVoucher(['save', 'save'])).toEqual({ left: [], wanted: null });
  });
});
