import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { areBytesEqual, type Crypto } from '@cairn/core';
import { expect, it } from 'vitest';
import { crypto } from '../parts.ts';
import { aCometChain } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { aListener, expectCaughtUp, PATIENCE_MS, southAlone } from './state-sync-failing.ts';
import { aStateSyncTown } from './state-sync-town.ts';

describeWithCometbft('a node that joins by state sync from peers that fail it', () => {
  it('takes no garbage, drops who sends it, and executes all blocks when nobody else is there', async () => {
    // Its own check of what it serves says that the garbage is the piece that was written.
    const served: Record<'garbage' | 'asPiece', Uint8Array> = {
      garbage: new Uint8Array(0),
      asPiece: new Uint8Array(0),
    };
    const lying: Crypto = {
      ...crypto,
      sha256: (data) =>
        served.garbage.length > 0 && typeof data !== 'string' && areBytesEqual(data, served.garbage)
          ? served.asPiece
          : crypto.sha256(data),
    };
    await using town = await aStateSyncTown({ snapshots: { interval: 0 } }, (at) =>
      at === 1 ? { crypto: lying } : {},
    );
    const height = await southAlone(town);
    const path = join(town.snapshots[1]!, height.toString().padStart(12, '0'), 'chunk-000000');
    const piece = new Uint8Array(readFileSync(path));
    served.asPiece = crypto.sha256(piece);
    served.garbage = crypto.sha256(piece);
    writeFileSync(path, served.garbage);

    const options = await town.joining();
    const { logger, warned } = aListener();
    await using joiner = await aCometChain(
      'late',
      { ...options, stateSync: { ...options.stateSync!, patienceMs: PATIENCE_MS } },
      { logger },
    );
    await joiner.engine.start();
    await expectCaughtUp(joiner, town.nodes);
    const wrong = warned.filter(({ message }) => message.startsWith('a piece of a snapshot is wrong'));
    expect(wrong).toEqual([
      { message: expect.any(String), data: { piece: 0, sender: expect.stringMatching(/^[0-9a-f]{40}$/) } },
    ]);
    expect(wrong[0]!.data).toMatchObject({ sender: town.nodes[1]!.nodeId });
  }, 120_000);
});
