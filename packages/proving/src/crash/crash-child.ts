import { writeSync } from 'node:fs';
import { openChain, openLmdbStore } from '@cairn/chain';
import { accountIdToAddress } from '@cairn/core';
import { type BenchSender, createTransferSigner } from '../bench/transfers.ts';
import { type KillPoint, killApplication, killStore } from './kill-points.ts';
import { createCrashLoad } from './load.ts';

/** Written and gone from this process before the next line runs, so that a kill loses no line. */
function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

// The entry of a process: folder, kill point, and the number of blocks until then.
const [folder, point, countdown] = process.argv.slice(2) as [string, KillPoint, string];
const { crypto, genesis, senders, signer, logger } = createCrashLoad();
const sign = createTransferSigner(crypto, genesis);
const chain = await openChain(
  {
    crypto,
    clock: { nowMs: () => Date.now() },
    timer: {
      schedule(delayMs, action) {
        const timer = setTimeout(() => void action(), delayMs);
        return () => clearTimeout(timer);
      },
    },
    logger,
    signer,
    store: killStore(openLmdbStore(folder), point, Number(countdown)),
    wrapApplication: (application) => killApplication(application, point, Number(countdown)),
  },
  { folder, genesis, blockIntervalMs: 5 },
);

async function keepSending(sender: BenchSender, to: Uint8Array): Promise<never> {
  const address = accountIdToAddress(sender.account);
  const account = await chain.ledger.query<{ nonce: string }>('accounts_get', { address });
  sender.nonce = BigInt(account.nonce);
  for (;;) {
    const result = await chain.ledger.submitAndWait(sign(sender, { to, amount: 1_000n }));
    if (!result.ok) throw new Error(`a transfer was refused: ${result.problem?.message}`);
    tell(`ack ${result.id}`);
  }
}

const { height } = await chain.ledger.status();
tell(`open ${height}`);
await chain.engine.start();
await Promise.all(
  senders.map((sender, i) => keepSending(sender, senders[(i + 1) % senders.length]!.account)),
);
