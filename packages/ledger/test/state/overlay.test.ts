import { bytesToHex, encode, struct, u64 } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOverlay, defineTable, LedgerError, type Overlay } from '../../src/index.ts';

const shape = struct('Thing', { amount: u64 });
const remembered = defineTable('test', 'thing', shape, { isRemembered: true });
const plain = defineTable('test', 'thing', shape);

const id = fc.constantFrom('a', 'b', 'c', 'd');
const isRemembered = fc.boolean();
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), id, isRemembered, amount: fc.bigInt(0n, 9n) }),
  fc.record({ kind: fc.constant('get' as const), id, isRemembered }),
  fc.record({ kind: fc.constant('delete' as const), id }),
  fc.record({ kind: fc.constant('fork' as const) }),
  fc.record({ kind: fc.constant('merge' as const) }),
  fc.record({ kind: fc.constant('drop' as const) }),
);

const storeOf = (values: ReadonlyMap<string, bigint>) => {
  const store = new Map(
    [...values].map(([key, amount]) => [remembered.prefix + key, encode(shape, { amount })]),
  );
  return { get: (key: string) => store.get(key) };
};

describe('an overlay', () => {
  it('reads as a plain map would, whatever is remembered, forked, merged and dropped', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const initial = new Map([
          ['a', 1n],
          ['b', 2n],
        ]);
        const bottom = createOverlay(storeOf(initial));
        const stack: { overlay: Overlay; values: Map<string, bigint> }[] = [
          { overlay: bottom, values: new Map(initial) },
        ];
        for (const action of steps) {
          const { overlay, values } = stack.at(-1)!;
          if (action.kind === 'set') {
            (action.isRemembered ? remembered : plain).set(overlay, action.id, { amount: action.amount });
            values.set(action.id, action.amount);
          } else if (action.kind === 'get') {
            const read = (action.isRemembered ? remembered : plain).get(overlay, action.id);
            expect(read?.amount).toBe(values.get(action.id));
          } else if (action.kind === 'delete') {
            plain.delete(overlay, action.id);
            values.delete(action.id);
          } else if (action.kind === 'fork') {
            stack.push({ overlay: overlay.fork(), values: new Map(values) });
          } else if (stack.length > 1) {
            const top = stack.pop()!;
            if (action.kind === 'merge') {
              stack.at(-1)!.overlay.merge(top.overlay);
              stack.at(-1)!.values = top.values;
            }
          }
        }
        const written = new Map(initial);
        for (const { key, value } of bottom.changes()) {
          const name = key.slice(remembered.prefix.length);
          if (value === null) written.delete(name);
          else written.set(name, plain.get({ get: () => value }, name)!.amount);
        }
        expect([...written].sort()).toEqual([...stack[0]!.values].sort());
      }),
      { numRuns: 400 },
    );
  });

  it('writes the same bytes for a record that was remembered and one that was not', () => {
    const bytesOf = (table: typeof plain) => {
      const overlay = createOverlay(storeOf(new Map()));
      table.set(overlay, 'a', { amount: 1n });
      table.set(overlay, 'a', { amount: 7n });
      return overlay.changes().map(({ key, value }) => `${key} ${bytesToHex(value!)}`);
    };
    expect(bytesOf(remembered)).toEqual(bytesOf(plain));
  });

  it('hands out values that nobody can change for the next reader', () => {
    const overlay = createOverlay(storeOf(new Map([['a', 1n]])));
    const value = remembered.get(overlay, 'a')!;
    expect(() => {
      value.amount = 2n;
    }).toThrow(TypeError);
    expect(remembered.get(overlay, 'a')).toEqual({ amount: 1n });
  });

  it('names the record that cannot be read', () => {
    const overlay = createOverlay({ get: () => new Uint8Array(3) });
    for (const table of [remembered, plain]) {
      expect(() => table.get(overlay, 'a')).toThrow(LedgerError);
      expect(() => table.get(overlay, 'a')).toThrow('test/thing/a');
    }
  });
});
