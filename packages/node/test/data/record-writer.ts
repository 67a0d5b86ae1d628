import { openRecordStore } from '../../src/data/record-store.ts';

/** Writes numbered records until it is killed, and tells each one that is durable. */
const records = openRecordStore(process.argv[2]!);
for (let index = 0; ; index++) {
  await records.set(`record/${String(index).padStart(6, '0')}`, new TextEncoder().encode(`value ${index}`));
  process.stdout.write(`${index}\n`);
}
