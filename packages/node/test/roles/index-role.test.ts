import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountIdToAddress, hexToBytes } from '@cairn/core';
import type { EventView } from '@cairn/protocol';
import { createAccountClient } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/real/metrics.ts';
import { type IndexRole, type IndexRoleStatus, startIndexRole } from '../../src/roles/index-role.ts';
import type { NodeParts } from '../../src/roles/parts.ts';
import { indexMethods } from '../../src/rpc/index-methods.ts';
import { createLedgerRpc } from '../../src/rpc/ledger-rpc.ts';
import { aFolder } from '../data/parts.ts';
import { aChain, accountOf, aLog, aSigner, crypto } from '../rpc/parts.ts';

const alice = aSigner('alice');
const bob = accountOf(aSigner('bob'));
const ALICE = accountIdToAddress(accountOf(alice));
const BOB = accountIdToAddress(bob);
const FUNDED = 1_000_000_000_000n;

async function aTown(salt = 'dave') {
  const chain = await aChain([aSigner(salt), alice]);
  const { clock, timer } = chain.time;
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const shared = { crypto, clock, timer, random, log: aLog(), metrics: createMetrics() };
  const parts: NodeParts = { ...shared, ledger: chain.ledger, chainId: hexToBytes(chain.ledger.chainId) };
  const client = createAccountClient({ crypto, signer: alice, ledger: chain.ledger });
  async function pay(amount: bigint): Promise<void> {
    const sent = client.send('accounts.transfer', { to: bob, amount });
    let isDone = false;
    const done = sent.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await chain.blocks(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
  }
  return { chain, parts, pay };
}

async function until(role: IndexRole, isSo: (status: IndexRoleStatus) => boolean): Promise<IndexRoleStatus> {
  for (;;) {
    const status = await role.status();
    if (isSo(status)) return status;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const isCaughtUp = ({ height, chainHeight, isFollowing }: IndexRoleStatus) =>
  isFollowing && height === chainHeight;

function ask({ parts }: Awaited<ReturnType<typeof aTown>>, role: IndexRole) {
  const rpc = createLedgerRpc({ ledger: parts.ledger, log: parts.log }, indexMethods(role));
  return async (method: string, params: object) =>
    (await rpc.answer(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))) as {
      result?: unknown;
      error?: { message: string; data: { code: string } };
    };
}

describe('the index of a node', () => {
  it('answers from the blocks of the node, those that were there and those that come', async () => {
    const town = await aTown();
    await town.pay(1_000_000_000n);
    const database = join(aFolder(), 'made', 'index.db');
    await using role = startIndexRole(town.parts, { database });
    await until(role, isCaughtUp);
    await town.pay(500_000_000n);
    await until(role, isCaughtUp);
    const call = ask(town, role);
    const { result } = await call('index_events', { account: BOB, names: ['accounts.transferred'] });
    expect((result as { events: EventView[] }).events.map(({ data }) => data)).toEqual([
      { from: ALICE, to: BOB, amount: '1000000000' },
      { from: ALICE, to: BOB, amount: '500000000' },
    ]);
    const { sums } = (await call('index_account', { address: ALICE })).result as {
      sums: { purse: string; amount: string }[];
    };
    const { spendable } = await town.parts.ledger.query<{ spendable: string }>('accounts_get', {
      address: ALICE,
    });
    // What genesis gave, and the deposit it held for that, are in no event; the rest adds up.
    const { deposit } = await town.parts.ledger.query<{ deposit: string }>('accounts_get', {
      address: ALICE,
    });
    expect(sums).toHaveLength(1);
    expect(FUNDED - BigInt(deposit) + BigInt(sums[0]!.amount)).toBe(BigInt(spendable));
  });

  it('holds every event that the chain gives, in its order', async () => {
    const town = await aTown();
    for (const amount of [1_000_000_000n, 2n, 3n]) await town.pay(amount);
    await using role = startIndexRole(town.parts, { database: join(aFolder(), 'index.db') });
    const { chainHeight } = await until(role, isCaughtUp);
    const told: EventView[] = [];
    for await (const event of town.parts.ledger.events({ from: 1 })) {
      if (event.name !== 'chain.committed') told.push(event);
      else if (event.height === chainHeight) break;
    }
    const { result } = await ask(town, role)('index_events', { limit: 500 });
    const kept = (result as { events: (EventView & { timeMs: number })[] }).events;
    expect(kept.map(({ timeMs: _, ...event }) => event)).toEqual(told);
  });

  it('is rebuilt while the node runs', async () => {
    const town = await aTown();
    await town.pay(1_000_000_000n);
    await using role = startIndexRole(town.parts, { database: join(aFolder(), 'index.db') });
    await until(role, isCaughtUp);
    const call = ask(town, role);
    const before = await call('index_accountHistory', { address: ALICE });
    await role.rebuild(0);
    await until(role, isCaughtUp);
    expect(await call('index_accountHistory', { address: ALICE })).toEqual(before);
    await expect(role.rebuild(1_000)).rejects.toMatchObject({ code: 'INDEX_HEIGHT_INVALID' });
    await until(role, isCaughtUp);
  });

  it('answers nothing of another chain, and goes on after a rebuild', async () => {
    const database = join(aFolder(), 'index.db');
    const first = await aTown();
    await first.pay(1_000_000_000n);
    {
      await using role = startIndexRole(first.parts, { database });
      await until(role, isCaughtUp);
    }
    const second = await aTown('carol');
    await second.pay(1_000_000_000n);
    await using role = startIndexRole(second.parts, { database });
    const { failure } = await until(role, (status) => status.failure !== null);
    expect(failure).toMatchObject({ code: 'INDEX_WRONG_CHAIN' });
    const { error } = await ask(second, role)('index_blocks', {});
    expect(error).toMatchObject({ data: { code: 'INDEX_UNAVAILABLE' } });
    expect(error!.message).not.toContain(database);
    await role.rebuild(0);
    expect((await until(role, isCaughtUp)).failure).toBeNull();
  });

  it('does not keep the node from running when its database cannot be opened, and tries again', async () => {
    const town = await aTown();
    const folder = aFolder();
    const database = join(folder, 'index.db');
    writeFileSync(database, 'this is no database, and long enough to be seen as none'.repeat(40));
    await using role = startIndexRole(town.parts, { database, retryMs: 500 });
    const { failure } = await until(role, (status) => status.failure !== null);
    expect(failure).toMatchObject({ code: 'INDEX_DATABASE_UNREACHABLE' });
    await expect(role.rebuild(0)).rejects.toMatchObject({ code: 'INDEX_UNAVAILABLE' });
    const call = ask(town, role);
    expect((await call('index_status', {})).result).toMatchObject({
      height: null,
      failure: 'INDEX_DATABASE_UNREACHABLE',
    });
    expect((await call('index_blocks', {})).error!.message).not.toContain(folder);
    rmSync(database);
    await town.chain.time.advance(500);
    expect(await until(role, isCaughtUp)).toMatchObject({ failure: null, database: 'sqlite' });
  });
});
