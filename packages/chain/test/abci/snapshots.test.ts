import { bytesToHex } from '@cairn/core';
import { expect, it } from 'vitest';
import { until } from '../comet/processes.ts';
import { aTransfer } from '../parts.ts';
import type { AbciClient } from './abci-client.ts';
import { anAbci, blockRequest, initRequest, votingGenesis } from './abci-town.ts';

const ACCEPT = 1;
const ABORT = 2;

async function block(client: AbciClient, height: number, txs: Uint8Array[] = []): Promise<string> {
  const { appHash } = await client.ask('finalizeBlock', blockRequest(height, txs));
  await client.ask('commit', {});
  return bytesToHex(appHash);
}

it('carries a state from one node to another over the calls of CometBFT', async () => {
  await using one = await anAbci({ snapshotBlocks: 2 });
  await using two = await anAbci();
  const [server, joiner] = [await one.connect(), await two.connect()];
  await server.ask('initChain', initRequest());
  await block(server, 1, [await aTransfer({ genesis: votingGenesis })]);
  const root = await block(server, 2);
  await block(server, 3);
  await block(server, 4);
  let snapshots = (await server.ask('listSnapshots', {})).snapshots;
  await until('the snapshot is written', async () => {
    ({ snapshots } = await server.ask('listSnapshots', {}));
    return snapshots.length === 1;
  });
  const [snapshot] = snapshots;
  expect(snapshot).toMatchObject({ height: 2n, format: 1, chunks: 1 });
  const { chunk } = await server.ask('loadSnapshotChunk', { height: 2n, format: 1, chunk: 0 });

  // No genesis is told to a node that begins from a snapshot.
  const offer = { snapshot: snapshot!, appHash: Buffer.from(root, 'hex') };
  expect((await joiner.ask('offerSnapshot', offer)).result).toBe(ACCEPT);
  const bent = chunk.slice();
  bent[0]! ^= 1;
  expect(await joiner.ask('applySnapshotChunk', { index: 0, chunk: bent, sender: 'mallory' })).toEqual({
    result: 3,
    refetchChunks: [0],
    rejectSenders: ['mallory'],
  });
  expect((await joiner.ask('info', {})).lastBlockHeight).toBe(0n);
  expect((await joiner.ask('applySnapshotChunk', { index: 0, chunk, sender: 'peer' })).result).toBe(ACCEPT);
  const { lastBlockHeight, lastBlockAppHash } = await joiner.ask('info', {});
  expect(lastBlockHeight).toBe(2n);
  expect(bytesToHex(lastBlockAppHash)).toBe(root);

  expect((await joiner.ask('offerSnapshot', offer)).result).toBe(ABORT);
  const tx = await aTransfer({ genesis: votingGenesis, nonce: 1n });
  expect(await block(joiner, 3, [])).toBe(bytesToHex(one.committed[2]!.appHash));
  expect(await block(joiner, 4, [])).toBe(bytesToHex(one.committed[3]!.appHash));
  expect(await block(joiner, 5, [tx])).toBe(await block(server, 5, [tx]));
  expect(one.faults.concat(two.faults)).toEqual([]);
});
