import { writeSync } from 'node:fs';
import { createIndexer, openIndexDatabase } from '../../src/index.ts';
import { busyBlocks } from '../support/busy-chain.ts';
import { aLog, createWrittenChain } from '../support/written-chain.ts';

// The entry of a process that is killed: database and number of blocks.
const [target, count] = process.argv.slice(2) as [string, string];
const connection = await openIndexDatabase(target);
const { ledger } = createWrittenChain(busyBlocks(Number(count)));
const indexer = createIndexer({ ledger, connection, log: aLog() }, { batchBlocks: 3 });
const telling = setInterval(async () => {
  const { height } = await indexer.status();
  writeSync(1, `at ${height ?? 0}\n`);
}, 1);
await indexer.catchUp();
clearInterval(telling);
writeSync(1, 'done\n');
await connection[Symbol.asyncDispose]();
