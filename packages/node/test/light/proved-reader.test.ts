import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManualTime } from '@cairn/chain';
import { encode, hexToBytes } from '@cairn/core';
import { providerShape } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import {
  accountFromState,
  accountStateKey,
  connectRpcLedger,
  createHttpFetch,
  providerStateKey,
} from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openProvedReader } from '../../src/light/proved-reader.ts';
import { createLedgerKeys } from '../../src/sealing/ledger-keys.ts';
import { aFolder } from '../data/parts.ts';
import { aLog } from '../rpc/parts.ts';
import { LIES } from './lies.ts';
import { accountOf, aLyingNode, alice, crypto, FUNDS, type LyingNode } from './lying-node.ts';

const KEY = accountStateKey(accountOf(alice));
const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

/** Somebody who joins a network by one node. */
async function joinBy(node: LyingNode, folder = aFolder(), nowMs = START_MS + 20_000) {
  const time = createManualTime(nowMs);
  const ledger = await connectRpcLedger(createHttpFetch({ fetch }, { url: node.url }), async () => undefined);
  const reader = await openProvedReader(
    { crypto, clock: time.clock, timer: time.timer, log: aLog(), ledger },
    { folder, chainId: hexToBytes(ledger.chainId), source: 'the node' },
  );
  onTestFinished(() => reader[Symbol.dispose]());
  return { reader, folder, time };
}

const fundsOf = async ({ reader }: Awaited<ReturnType<typeof joinBy>>) => {
  const { spendable, deposit } = accountFromState((await reader.read(KEY))!);
  return spendable + deposit;
};
const codeOf = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => 'believed',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('a node that joined by another', () => {
  it('reads what the votes prove, and that there is nothing', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const joined = await joinBy(node);
    expect(await fundsOf(joined)).toBe(FUNDS);
    expect(await joined.reader.read(`${KEY.slice(0, -1)}f`)).toBeNull();
    await node.blocks(3);
    expect(await fundsOf(joined)).toBe(FUNDS);
  });

  // It asks for no height but the newest.
  const { 'a header of another height than asked': _, ...lies } = LIES;
  for (const [what, { lie, code }] of Object.entries(lies)) {
    it(`is not told later ${what}`, async () => {
      await using node = await aLyingNode();
      await node.blocks(4);
      const joined = await joinBy(node);
      await node.blocks(8);
      node.lie(lie);
      expect(await codeOf(joined.reader.read(KEY))).toBe(code);
      node.lie(null);
      expect(await fundsOf(joined)).toBe(FUNDS);
    });
  }

  it('goes on after a restart from what it has verified, and takes no other history', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const { folder, reader } = await joinBy(node);
    await reader.read(KEY);
    expect(readdirSync(join(folder, 'light'))).toHaveLength(1);
    await node.blocks(2);
    expect(await fundsOf(await joinBy(node, folder))).toBe(FUNDS);

    await using other = await aLyingNode({ operator: 'another operator' });
    await other.blocks(20);
    await expect(joinBy(other, folder)).rejects.toMatchObject({ code: 'LIGHT_INVALID' });
  });

  it('remembers the first header although nobody asked for anything', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const { folder } = await joinBy(node);
    await using other = await aLyingNode({ operator: 'another operator' });
    await other.blocks(20);
    await expect(joinBy(other, folder)).rejects.toMatchObject({ code: 'LIGHT_INVALID' });
  });

  it('answers at once after days in which nobody asked', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const joined = await joinBy(node);
    for (let quarter = 0; quarter < 6; quarter++) {
      await node.blocks(1, 6 * HOUR_MS);
      await joined.time.advance(6 * HOUR_MS);
    }
    expect(await fundsOf(joined)).toBe(FUNDS);
  });

  for (const unbondingSlots of [0n, 2n, 20n])
    it(`takes an honest chain with old headers where trust lasts for ${unbondingSlots} seconds or less`, async () => {
      await using node = await aLyingNode({ unbondingSlots });
      await node.blocks(12);
      const joined = await joinBy(node, undefined, START_MS + 40_000);
      expect(await fundsOf(joined)).toBe(FUNDS);
      for (let block = 0; block < 3; block++) {
        await node.blocks(1, 30_000);
        await joined.time.advance(30_000);
        expect(await fundsOf(joined)).toBe(FUNDS);
      }
    });

  it('goes on with nothing when what it verified is too old to vouch for anybody', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const young = await joinBy(node);
    const old = await joinBy(node);
    await node.blocks(1, 28 * HOUR_MS - 1_000);
    await expect(joinBy(node, young.folder, START_MS + 28 * HOUR_MS + 11_000)).resolves.toBeDefined();
    await node.blocks(1, 60_000);
    await expect(joinBy(node, old.folder, START_MS + 28 * HOUR_MS + 71_000)).rejects.toMatchObject({
      code: 'LIGHT_EXPIRED',
    });
  });

  it('stays up to date although nobody asks', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const { folder, reader, time } = await joinBy(node);
    await reader.read(KEY);
    for (let quarter = 0; quarter < 8; quarter++) {
      await node.blocks(1, 6 * HOUR_MS);
      await time.advance(6 * HOUR_MS);
    }
    expect(await codeOf(reader.read(KEY))).toBe('believed');
    await expect(joinBy(node, folder, START_MS + 48 * HOUR_MS)).resolves.toBeDefined();
  });

  it('believes anew where stake stands for nothing after seconds, as on a local network', async () => {
    await using node = await aLyingNode({ unbondingSlots: 20n });
    await node.blocks(12);
    const { folder, reader, time } = await joinBy(node);
    expect(await codeOf(reader.read(KEY))).toBe('believed');
    await node.blocks(1, HOUR_MS);
    await time.advance(HOUR_MS);
    expect(await codeOf(reader.read(KEY))).toBe('believed');
    await node.blocks(1, HOUR_MS);
    await expect(joinBy(node, folder, START_MS + 2 * HOUR_MS)).resolves.toBeDefined();
  });

  it('does not begin from a damaged file', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const { folder, reader } = await joinBy(node);
    await reader.read(KEY);
    const [name] = readdirSync(join(folder, 'light'));
    writeFileSync(join(folder, 'light', name!), '{"block": 7}');
    await expect(joinBy(node, folder)).rejects.toMatchObject({ code: 'DATA_FOLDER_MALFORMED' });
  });
});

describe('the keys that requests are sealed to', () => {
  it('are those that were proved, whatever the node says that was joined', async () => {
    const provider = accountOf(alice);
    const stolen = { sealing: { x25519: '66'.repeat(32), xWing: '' }, devices: [], region: '' };
    const ledger = { query: async () => stolen } as unknown as LedgerReader;
    const sealing = { x25519: new Uint8Array(32).fill(5), xWing: new Uint8Array(0) };
    const value = encode(providerShape, {
      ...{ account: provider, sealing, devices: [], region: '', recordDeposit: 0n },
    });
    const keysOf = createLedgerKeys({
      ledger,
      clock: { nowMs: () => 0 },
      proved: { read: async (key) => (key === providerStateKey(provider) ? value : null) },
    });
    expect(await keysOf(provider)).toEqual(sealing);
    expect(await keysOf(accountOf(alice).map((byte) => byte ^ 1))).toBeNull();
  });
});
