import { join } from 'node:path';
import { bytesToHex } from '@cairn/core';
import { expect } from 'vitest';
import { replayRecorded } from '../../src/index.ts';
import { aFolder, alice, aTransfer, bob, crypto, idOf } from '../parts.ts';
import { aCometChain, genesisOf } from './cometbft.ts';
import { until } from './processes.ts';

const genesis = genesisOf(['alone']);

export interface RecordedRun {
  readonly folder: string;
  readonly path: string;
  readonly genesis: typeof genesis;
  readonly height: number;
  readonly appHash: string;
}

/** Lets CometBFT make blocks with transfers in them, good and bad, and records what it decided. */
export async function recordRun(blocks: number, seconds: number): Promise<RecordedRun> {
  const folder = aFolder();
  const path = join(folder, 'blocks');
  await using chain = await aCometChain('alone', {
    folder,
    genesis,
    blockIntervalMs: 1,
    recordBlocksTo: path,
  });
  await chain.engine.start();
  const stop = new AbortController();
  const height = () => chain.application.info().height;
  const send = async (from: typeof alice, to: typeof bob): Promise<void> => {
    for (let nonce = 0n; !stop.signal.aborted; nonce++) {
      const amount = nonce % 5n === 4n ? 10n ** 18n : 1_000n + nonce;
      const tx = await aTransfer({ genesis, from, to: idOf(to), nonce, amount });
      const { transaction, problem } = await chain.ledger.submitAndWait(tx);
      if (transaction === null && !stop.signal.aborted) throw new Error(problem!.message);
    }
  };
  const senders = [send(alice, bob), send(bob, alice)];
  await until(`${blocks} blocks`, () => height() >= blocks, seconds);
  stop.abort();
  await Promise.all(senders);
  await chain.engine.stop();
  const status = await chain.ledger.status();
  return { folder, path, genesis, height: status.height, appHash: status.appHash };
}

/** The solo driver ends in the root that CometBFT's run ended in. */
export async function expectSameRoot(run: RecordedRun): Promise<void> {
  const replayed = await replayRecorded({ crypto }, { ...run, lastHeight: run.height });
  expect(replayed.transactions).toBeGreaterThan(10);
  expect({ height: replayed.blocks, appHash: bytesToHex(replayed.appHash) }).toEqual({
    height: run.height,
    appHash: run.appHash,
  });
}
