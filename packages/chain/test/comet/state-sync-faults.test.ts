import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { areBytesEqual, type Crypto, type Logger } from '@cairn/core';
import { expect, it } from 'vitest';
import type { CometChain } from '../../src/index.ts';
import { aLogger, crypto } from '../parts.ts';
import { aCometChain } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { processesWith, until } from './processes.ts';
import { aStateSyncTown, type StateSyncTown } from './state-sync-town.ts';

interface Line {
  readonly message: string;
  readonly data: unknown;
}

/** A logger of a node and all its parts, and what they said. */
function aListener(onInfo: (message: string) => void = () => undefined) {
  const warned: Line[] = [];
  const logger: Logger = {
    ...aLogger(),
    warn: (message, data) => void warned.push({ message, data }),
    info: onInfo,
    child: () => logger,
  };
  return { logger, warned };
}

/** The second node alone has a snapshot. */
async function southAlone(town: StateSyncTown): Promise<number> {
  const [north, south] = town.nodes as readonly [CometChain, CometChain];
  await until('there are blocks', () => south.application.info().height >= 2);
  const { height } = await south.takeSnapshot();
  await until('it can be proved', () => north.application.info().height > height + 3);
  return height;
}

async function expectCaughtUp(joiner: CometChain, [one]: readonly CometChain[]): Promise<void> {
  const target = one!.application.info().height - 1;
  await until('it has caught up', () => joiner.application.info().height >= target, 60);
  for (const height of [1, target])
    expect(await joiner.ledger.block(height), `block ${height}`).toEqual(await one!.ledger.block(height));
}

const PATIENCE_MS = 6_000;

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

  it('waits no longer than its patience for a peer that sends nothing any more', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 0 } });
    await southAlone(town);
    // The folder of the node, which CometBFT and what watches over it have in their commands.
    const pids = processesWith('cometbft', dirname(dirname(town.snapshots[1]!)));
    expect(pids.length).toBeGreaterThan(0);
    const signal = (name: NodeJS.Signals) => {
      for (const pid of pids) process.kill(pid, name);
    };
    await using stack = new AsyncDisposableStack();
    stack.defer(() => signal('SIGCONT'));
    let offered = 0;
    // It stands still between its offer and its first piece, and nobody else has one.
    const { logger, warned } = aListener((message) => {
      if (message !== 'a snapshot comes in') return;
      offered += 1;
      signal('SIGSTOP');
    });
    const options = await town.joining();
    await using joiner = await aCometChain(
      'late',
      { ...options, stateSync: { ...options.stateSync!, patienceMs: PATIENCE_MS } },
      { logger },
    );
    await joiner.engine.start();
    expect(offered).toBe(1);
    expect(warned.map(({ message }) => message).join()).toContain('no snapshot came');
    await expectCaughtUp(joiner, town.nodes);
    // The others go on with it when it is back.
    signal('SIGCONT');
    const { height } = joiner.application.info();
    await until('it goes on', () => joiner.application.info().height > height + 2, 60);
  }, 120_000);
});
