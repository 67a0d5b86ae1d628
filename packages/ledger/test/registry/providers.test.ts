import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, type Device, type ProviderTerms, providers } from '../../src/index.ts';
import { aChain, aKey, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aDevice, aProvider } from '../support/registry.ts';

const alice = aKey(1);
const bob = aKey(2);
const addressOf = ({ account }: TestKey) => accountIdToAddress(account);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [alice, bob] });
});

const set = (from: TestKey, change: Partial<ProviderTerms> = {}) =>
  chain.send(from, 'registry.setProvider', { terms: aProvider(change) });
const remove = (from: TestKey, provider = from) =>
  chain.send(from, 'registry.removeProvider', { provider: provider.account });
const one = (key: TestKey) => chain.query('registry_provider', { account: addressOf(key) });
const listed = (after: string | null = null, limit = 0) =>
  chain.query('registry_providers', { after, limit }) as { account: string }[];
const records = (key: TestKey) => accounts.get(chain.view, key.account)!.records;
const stored = (key: TestKey) => providers.get(chain.view, bytesToHex(key.account));

/** Sixteen machines with every address as long as it may be, and a key against quantum computers. */
const largest: Partial<ProviderTerms> = {
  sealing: { x25519: new Uint8Array(32).fill(9), xWing: new Uint8Array(1_216).fill(9) },
  devices: Array.from({ length: 16 }, (_, n) =>
    aDevice(n + 1, { addresses: Array(8).fill('/'.repeat(200)) }),
  ),
  region: 'a'.repeat(16),
};

describe('registry.setProvider', () => {
  it('keeps keys, machines and region, replaces them whole, and their deposit with them', () => {
    expect(one(alice)).toBe(null);
    expect(set(alice, { region: 'eu-west' })).toBe(null);
    expect(one(alice)).toMatchObject({ account: addressOf(alice), region: 'eu-west', devices: [{}] });
    const first = stored(alice)!.recordDeposit;
    expect(set(alice, largest)).toBe(null);
    expect(stored(alice)!.recordDeposit > first).toBe(true);
    expect(set(alice, { devices: [] })).toBe(null);
    expect(one(alice)).toMatchObject({ region: '', devices: [] });
    expect(records(alice)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each<[string, Partial<ProviderTerms>, string]>([
    [
      'no key to seal to',
      { sealing: { x25519: new Uint8Array(32), xWing: new Uint8Array() } },
      'PROVIDER_INVALID',
    ],
    [
      'an X-Wing key that is too short',
      { sealing: { x25519: new Uint8Array(32).fill(1), xWing: new Uint8Array(1_215) } },
      'PROVIDER_INVALID',
    ],
    ['the same machine twice', { devices: [aDevice(1), aDevice(1)] }, 'PROVIDER_INVALID'],
    ['a machine without a key', { devices: [aDevice(0)] }, 'PROVIDER_INVALID'],
    ['an empty address', { devices: [aDevice(1, { addresses: [''] })] }, 'PROVIDER_INVALID'],
    ['a region in capitals', { region: 'EU' }, 'PROVIDER_INVALID'],
    ['a region that starts with a dash', { region: '-eu' }, 'PROVIDER_INVALID'],
    [
      'a machine whose time is over',
      { devices: [aDevice(1), aDevice(2, { expirySlot: 0n })] },
      'DEVICE_EXPIRED',
    ],
  ])('refuses %s', (_, change, code) => {
    expect(set(alice, change)).toBe(code);
    expect(stored(alice)).toBe(undefined);
    expect(records(alice)).toBe(0);
  });

  it('cannot even say more machines, addresses or key bytes than fit', () => {
    const many: [string, Partial<ProviderTerms>][] = [
      ['machines', { devices: Array.from({ length: 17 }, (_, n) => aDevice(n + 1)) }],
      ['addresses', { devices: [aDevice(1, { addresses: Array(9).fill('/dns4/a') })] }],
      ['key bytes', { sealing: { x25519: new Uint8Array(32).fill(1), xWing: new Uint8Array(1_217) } }],
    ];
    for (const [what, change] of many) expect(() => set(alice, change), what).toThrow();
  });

  it('refuses who cannot pay the deposit, and keeps what stood', () => {
    const poor = aKey(3);
    chain.send(alice, 'accounts.transfer', { to: poor.account, amount: 3_000_000n });
    expect(set(poor)).toBe(null);
    expect(set(poor, largest)).toBe('BALANCE_TOO_LOW');
    expect(stored(poor)!.devices.length).toBe(1);
    expect(records(poor)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays for all bytes it keeps, at the smallest and the largest', () => {
    for (const change of [{ devices: [], region: '' }, largest]) {
      expect(set(alice, change)).toBe(null);
      const kept = [...chain.store].reduce(
        (sum, [key, value]) => sum + (key.startsWith('registry/') ? key.length + value.length : 0),
        0,
      );
      expect(stored(alice)!.recordDeposit >= BigInt(kept) * 1_000n, `${kept} bytes`).toBe(true);
    }
  });
});

describe('registry.removeProvider', () => {
  it('gives the deposit back, and refuses what is not there', () => {
    expect(remove(alice)).toBe('PROVIDER_UNKNOWN');
    const before = chain.spendable(alice);
    const sent = { from: alice, name: 'registry.setProvider', message: { terms: aProvider() } };
    const gone = { from: alice, name: 'registry.removeProvider', message: { provider: alice.account } };
    const fees = [sent, gone].reduce((sum, call) => sum + chain.block([call]).results[0]!.fee, 0n);
    expect(chain.spendable(alice)).toBe(before - fees);
    expect(records(alice)).toBe(0);
    expect(one(alice)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets strangers clear away only what serves no more; the deposit goes to the provider', () => {
    const machine = (n: number, expirySlot: bigint): Device => aDevice(n, { expirySlot });
    set(alice, { devices: [machine(1, 8n), machine(2, 12n)] });
    expect(remove(bob, alice)).toBe('NOT_PROVIDER');
    chain.advance(8);
    expect(remove(bob, alice)).toBe('NOT_PROVIDER');
    chain.advance(4);
    const before = chain.spendable(alice);
    const { recordDeposit } = stored(alice)!;
    expect(remove(bob, alice)).toBe(null);
    expect(chain.spendable(alice)).toBe(before + recordDeposit);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps one without machines from strangers for ever', () => {
    set(alice, { devices: [] });
    chain.advance(40);
    expect(remove(bob, alice)).toBe('NOT_PROVIDER');
    expect(remove(alice)).toBe(null);
  });
});

describe('registry_providers', () => {
  it('lists every provider once, page by page', () => {
    for (const key of [alice, bob]) set(key);
    const found: string[] = [];
    for (let page = listed(null, 1); page.length > 0; page = listed(found.at(-1), 1))
      found.push(page[0]!.account);
    expect(found.toSorted()).toEqual([addressOf(alice), addressOf(bob)].toSorted());
  });
});
