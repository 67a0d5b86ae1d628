import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { aCometChain } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { processesWith, until } from './processes.ts';
import { aListener, expectCaughtUp, PATIENCE_MS, southAlone } from './state-sync-failing.ts';
import { aStateSyncTown } from './state-sync-town.ts';

describeWithCometbft('a node that joins by state sync from a peer that stands still', () => {
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
