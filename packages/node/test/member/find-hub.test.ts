import { accountIdToAddress, createPureCrypto, utf8ToBytes } from '@cairn/core';
import type { LedgerReader } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { findHub } from '../../src/member/find-hub.ts';

const account = (name: string) =>
  accountIdToAddress(createPureCrypto().sha256(utf8ToBytes(`account of ${name}`)));
const HUB = account('hub');
const AWAY = account('away');
const device = (expirySlot: string) => ({ peerKey: '07'.repeat(32), expirySlot });

/** A ledger of names: `acme/far` is of nobody with a machine, `acme/far:hub` of that and then the hub's owner. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  registry_resolve: { 'acme/weather': ['01'], 'acme/far': ['02'], 'acme/far:hub': ['02', '01'] },
  registry_model: { '01': { owner: HUB }, '02': { owner: AWAY } },
  registry_provider: {
    [HUB]: { devices: [device('10'), device('200')] },
    [AWAY]: { devices: [device('100')] },
  },
};
const told: unknown[] = [];
const parts = {
  chainId: new Uint8Array(32),
  log: { info: (_: string, data: unknown) => told.push(data) } as never,
  ledger: {
    query: async (name: string, fields: Readonly<Record<string, string>>) => {
      if (name === 'governance_status') return { slot: '100' };
      return ANSWERS[name]?.[Object.values(fields)[0]!] ?? (name === 'registry_resolve' ? [] : null);
    },
  } as unknown as LedgerReader,
};

describe('a hub', () => {
  it.each([
    ['its address', HUB],
    ['a model of its account', 'acme/weather'],
    ['an alias, the first owner with a machine', 'acme/far:hub'],
  ])('is found by %s', async (_how, named) => {
    const hub = await findHub(parts, named, 600);
    expect([accountIdToAddress(hub.account), hub.feeBps]).toEqual([HUB, 600]);
    expect(hub.peer.startsWith(`${HUB}@`)).toBe(true);
    if (named !== HUB) expect(told).toContainEqual({ name: named, account: HUB });
  });

  it.each([
    ['an account without a machine', AWAY, 'names no machine'],
    ['a model whose owner has none', 'acme/far', 'names no machine'],
    ['a name nobody registered', 'acme/nothing', 'No model is registered as acme/nothing'],
    ['a tag nobody set', 'acme/weather:old', 'No model is registered'],
    ['no name and no address', 'savings', 'not a Cairn address'],
    ['an endless name', `acme/${'x'.repeat(500)}`, 'not a Cairn address'],
    ['a path', '../../weather', 'not a Cairn address'],
  ])('is not found by %s', async (_what, named, reason) => {
    await expect(findHub(parts, named, 600)).rejects.toThrow(reason);
  });
});
