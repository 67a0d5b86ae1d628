import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { aCometChain } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { processesWith, until } from './processes.ts';
import { aStateSyncTown, genesis } from './state-sync-town.ts';

const SCRIPT = fileURLToPath(new URL('joiner-child.ts', import.meta.url));

const STEPS = ['before adopt', 'after adopt', 'before first commit', 'after first commit'];

describeWithCometbft('a node that is killed while it joins by state sync', () => {
  it('is in one piece after it was killed at any step, and joins', async () => {
    await using town = await aStateSyncTown({ snapshots: { interval: 5, keep: 200 } });
    await until('a snapshot can be proved', () => town.nodes[0]!.application.info().height >= 8);
    for (const step of STEPS) {
      const { genesis: same, ...options } = await town.joining();
      expect(same).toBe(genesis);
      const args = ['--conditions=source', SCRIPT, JSON.stringify(options), step];
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      const [, signal] = await once(child, 'close');
      expect(signal, step).toBe('SIGKILL');
      await until('no process is left', () => processesWith('cometbft', options.folder!).length === 0);
      await using joiner = await aCometChain('late', { ...options, genesis });
      const found = joiner.application.info().height;
      if (step === 'before adopt') expect(found, step).toBe(0);
      else expect(found, step).toBeGreaterThanOrEqual(5);
      await joiner.engine.start();
      const height = joiner.application.info().height;
      await until('it goes on', () => joiner.application.info().height > height + 1);
      const [here, there] = await Promise.all(
        [joiner, town.nodes[0]!].map(({ ledger }) => ledger.block(height + 1)),
      );
      expect(here, step).toEqual(there);
    }
  }, 240_000);
});
