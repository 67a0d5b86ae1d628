import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountIdToAddress } from '@cairn/core';
import { expect, it } from 'vitest';
import { metadataFromBytes, metadataToBytes } from '../../src/snapshots/format.ts';
import { aLogger, alice, aTransfer, crypto, idOf } from '../parts.ts';
import { aCometChain } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { until } from './processes.ts';
import { aStateSyncTown, genesis } from './state-sync-town.ts';

describeWithCometbft('a node that joins by state sync', () => {
  it('has the state of a snapshot and no block before it, goes on with the others, and survives a restart', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 5, keep: 50 } });
    const [one, two] = town.nodes;
    for (let nonce = 0n; nonce < 3n; nonce++) {
      const sent = await one!.ledger.submitAndWait(await aTransfer({ genesis, nonce }));
      expect(sent.ok, sent.problem?.message).toBe(true);
    }
    await until('a snapshot can be proved', () => one!.application.info().height >= 8);
    const options = await town.joining();
    let began = 0;
    {
      await using joiner = await aCometChain('late', options);
      await joiner.engine.start();
      began = joiner.application.info().height;
      expect(began).toBeGreaterThanOrEqual(5);
      await until('it makes blocks', () => joiner.application.info().height > began + 2);
      const oldest = Number((await joiner.ledger.block(began + 1))!.header.height);
      expect(oldest).toBe(began + 1);
      await expect(joiner.ledger.block(began)).rejects.toThrow(
        `Block ${began} is not kept here: this node began from a snapshot and has blocks from ${oldest} on.`,
      );
      expect(() => joiner.ledger.events({ from: 1 })).toThrow('Block 1 is not kept here');
      await expect(joiner.ledger.proof('accounts/x', began - 1)).rejects.toThrow('Values are kept');

      const sent = await joiner.ledger.submitAndWait(await aTransfer({ genesis, nonce: 3n }));
      expect(sent.ok, sent.problem?.message).toBe(true);
      const height = joiner.application.info().height;
      await until('all have it', () => town.nodes.every((node) => node.application.info().height >= height));
      for (let at = began + 1; at <= height; at++) {
        const [here, there] = await Promise.all([joiner.ledger.block(at), two!.ledger.block(at)]);
        expect(here, `block ${at}`).toEqual(there);
      }
    }
    await using again = await aCometChain('late', options);
    expect(again.application.info().height).toBeGreaterThan(began);
    await again.engine.start();
    const before = again.application.info().height;
    await until('it goes on', () => again.application.info().height > before + 1);
    const address = accountIdToAddress(idOf(alice));
    expect(again.application.query('accounts_get', { address }).value).toMatchObject({ nonce: '4' });
  }, 120_000);

  it('takes nothing from a peer whose snapshot is of another state, and goes to the next', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 0 } });
    const { nodes } = town;
    await until('there are blocks', () => nodes.every((node) => node.application.info().height >= 2));
    const honest = (await nodes[0]!.takeSnapshot()).height;
    await until('south is further', () => nodes[1]!.application.info().height > honest);
    const forged = (await nodes[1]!.takeSnapshot()).height;
    // One more pebble somewhere, with hashes that all fit.
    await town.restart(1, () => {
      const path = join(town.snapshots[1]!, forged.toString().padStart(12, '0'));
      const chunk = new Uint8Array(readFileSync(join(path, 'chunk-000000')));
      chunk[chunk.length - 1]! ^= 1;
      const metadata = metadataFromBytes(new Uint8Array(readFileSync(join(path, 'metadata'))));
      writeFileSync(join(path, 'chunk-000000'), chunk);
      writeFileSync(
        join(path, 'metadata'),
        metadataToBytes({ ...metadata, chunkHashes: [crypto.sha256(chunk)] }),
      );
    });
    await until('it goes on', () => nodes[0]!.application.info().height > forged + 4);
    const warned: unknown[] = [];
    const logger = { ...aLogger(), warn: (_: string, data?: unknown) => void warned.push(data) };
    const options = await town.joining();
    await using joiner = await aCometChain('late', options, {
      logger: { ...logger, child: () => logger },
    });
    await joiner.engine.start();
    expect(joiner.application.info().height).toBe(honest);
    expect(warned).toMatchObject([
      { height: forged, reason: expect.stringContaining('its values have root') },
    ]);
    await until('it makes blocks', () => joiner.application.info().height > honest + 2);
    const [here, there] = await Promise.all(
      [joiner, nodes[0]!].map(({ ledger }) => ledger.block(honest + 1)),
    );
    expect(here).toEqual(there);
  }, 120_000);

  it('executes all blocks when nobody has a snapshot', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 0 } });
    const [one] = town.nodes;
    await until('there are blocks', () => one!.application.info().height >= 4);
    const options = await town.joining();
    await using joiner = await aCometChain('late', {
      ...options,
      stateSync: { ...options.stateSync!, patienceMs: 8_000 },
    });
    await joiner.engine.start();
    await until(
      'it has caught up',
      () => joiner.application.info().height >= one!.application.info().height - 1,
    );
    expect(await joiner.ledger.block(1)).toEqual(await one!.ledger.block(1));
  }, 120_000);

  it('does not start on the word of nodes whose block is not the trusted one', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 2 } });
    await until('there are blocks', () => town.nodes[0]!.application.info().height >= 6);
    const options = await town.joining();
    await using joiner = await aCometChain('late', {
      ...options,
      stateSync: { ...options.stateSync!, trustHash: 'ab'.repeat(32) },
    });
    await expect(joiner.engine.start()).rejects.toThrow(/light client/);
    expect(joiner.application.info().height).toBe(0);
  }, 120_000);

  it('makes the same snapshot on every node, byte for byte', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 3, keep: 10 } });
    await town.nodes[0]!.ledger.submitAndWait(await aTransfer({ genesis, nonce: 0n }));
    await until('both have some', () => town.nodes.every((node) => node.application.info().height >= 8));
    const [here, there] = town.snapshots as [string, string];
    const made = (folder: string) => readdirSync(folder).filter((name) => /^\d+$/.test(name));
    await until('both have one of one height', () => made(here).some((name) => made(there).includes(name)));
    const shared = made(here).filter((name) => made(there).includes(name));
    for (const name of shared) {
      const files = readdirSync(join(here, name)).toSorted();
      expect(files).toEqual(['chunk-000000', 'metadata']);
      for (const file of files)
        expect(readFileSync(join(here, name, file)), `${name}/${file}`).toEqual(
          readFileSync(join(there, name, file)),
        );
    }
  }, 60_000);
});
