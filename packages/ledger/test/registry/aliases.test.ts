import { bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, aliases } from '../../src/index.ts';
import { aChain, aKey, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCard, idOf } from '../support/registry.ts';

const alice = aKey(1);
const bob = aKey(2);
const one = aCard(alice, { version: '1' });
const two = aCard(alice, { version: '2' });
const other = aCard(bob, { name: 'bob/model' });
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [alice, bob] });
  for (const [key, card] of [
    [alice, one],
    [alice, two],
    [bob, other],
  ] as const)
    chain.send(key, 'registry.publishModel', { card });
});

const set = (from: TestKey, models: Uint8Array[], tag = 'small', name = 'people/model') =>
  chain.send(from, 'registry.setAlias', { name, tag, models });
const remove = (from: TestKey, tag = 'small', name = 'people/model') =>
  chain.send(from, 'registry.removeAlias', { name, tag });
const resolve = (alias: string) => chain.query('registry_resolve', { alias }) as string[];
const retire = (from: TestKey, model: Uint8Array) => chain.send(from, 'registry.retireModel', { model });
const listed = (after: object | null = null, limit = 0) =>
  chain.query('registry_aliases', { after, limit }) as { name: string; tag: string }[];
const hex = bytesToHex;

describe('registry.setAlias', () => {
  it('lets a name with a tag stand for models, and replaces what it stood for', () => {
    expect(resolve('people/model:small')).toEqual([]);
    expect(set(alice, [idOf(one), idOf(other)])).toBe(null);
    expect(resolve('people/model:small')).toEqual([hex(idOf(one)), hex(idOf(other))]);
    expect(set(alice, [idOf(two)])).toBe(null);
    expect(resolve('people/model:small')).toEqual([hex(idOf(two))]);
    expect(accounts.get(chain.view, alice.account)!.records).toBe(3);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('means the newest version by latest and by the bare name, until the owner says otherwise', () => {
    for (const alias of ['people/model', 'people/model:latest'])
      expect(resolve(alias), alias).toEqual([hex(idOf(two))]);
    expect(set(alice, [idOf(one)], 'latest')).toBe(null);
    for (const alias of ['people/model', 'people/model:latest'])
      expect(resolve(alias), alias).toEqual([hex(idOf(one))]);
    expect(resolve('people/other')).toEqual([]);
    expect(resolve('people/model:')).toEqual([]);
  });

  it.each<[string, () => string | null, string]>([
    ['a name of somebody else', () => set(bob, [idOf(one)]), 'NOT_OWNER'],
    ['a name without models', () => set(alice, [idOf(one)], 'small', 'people/none'), 'NOT_OWNER'],
    ['a model that is not there', () => set(alice, [new Uint8Array(32)]), 'MODEL_UNKNOWN'],
    ['no model', () => set(alice, []), 'ALIAS_INVALID'],
    ['a model twice', () => set(alice, [idOf(one), idOf(one)]), 'ALIAS_INVALID'],
    ['a tag with a colon', () => set(alice, [idOf(one)], 'a:b'), 'ALIAS_INVALID'],
    ['a tag in capitals', () => set(alice, [idOf(one)], 'Small'), 'ALIAS_INVALID'],
    ['an empty tag', () => set(alice, [idOf(one)], ''), 'ALIAS_INVALID'],
  ])('refuses %s', (_, act, code) => {
    expect(act()).toBe(code);
    expect([...aliases.ids(chain.view)]).toEqual([]);
  });

  it('pays for all bytes it keeps, at the longest name and tag', () => {
    const name = `${'a'.repeat(47)}/${'b'.repeat(48)}`;
    const card = aCard(alice, { name });
    chain.send(alice, 'registry.publishModel', { card });
    const before = chain.store.size;
    expect(set(alice, [idOf(card)], 't'.repeat(32), name)).toBe(null);
    expect(chain.store.size).toBe(before + 1);
    const [key, value] = [...chain.store].find(([id]) => id.startsWith('registry/alias/'))!;
    const { recordDeposit } = aliases.get(chain.view, key.slice('registry/alias/'.length))!;
    expect(recordDeposit >= BigInt(key.length + value.length) * 1_000n).toBe(true);
  });
});

describe('registry.removeAlias', () => {
  it('gives the deposit back, and refuses strangers and what is not there', () => {
    expect(remove(alice)).toBe('ALIAS_UNKNOWN');
    set(alice, [idOf(one)]);
    expect(remove(bob)).toBe('NOT_OWNER');
    expect(remove(alice)).toBe(null);
    expect(accounts.get(chain.view, alice.account)!.records).toBe(2);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of who lost the name counts no more: the next owner takes it over, or anyone clears it away', () => {
    set(alice, [idOf(other)]);
    set(alice, [idOf(other)], 'large');
    retire(alice, idOf(one));
    expect(resolve('people/model:small')).toEqual([hex(idOf(other))]);
    retire(alice, idOf(two));
    expect(resolve('people/model:small')).toEqual([]);
    expect(listed()).toEqual([]);
    const taken = aCard(bob, { version: '9' });
    chain.send(bob, 'registry.publishModel', { card: taken });
    expect(resolve('people/model:small')).toEqual([]);
    expect(set(bob, [idOf(taken)])).toBe(null);
    expect(resolve('people/model:small')).toEqual([hex(idOf(taken))]);
    expect(remove(alice)).toBe('NOT_OWNER');
    expect(remove(bob, 'large')).toBe(null);
    expect(accounts.get(chain.view, alice.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('registry_aliases', () => {
  it('lists every alias that counts once, page by page', () => {
    for (const tag of ['a', 'b', 'c']) set(alice, [idOf(one)], tag);
    const found: string[] = [];
    let page = listed(null, 1);
    while (page.length > 0) {
      const [{ name, tag }] = page as [{ name: string; tag: string }];
      found.push(tag);
      page = listed({ name, tag }, 1);
    }
    expect(found).toEqual(['a', 'b', 'c']);
  });
});
