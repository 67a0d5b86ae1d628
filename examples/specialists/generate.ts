/**
 * Writes what a specialist learns from, as its recipe in examples/training wants it:
 *
 *     node --conditions=source examples/specialists/generate.ts when 200000
 */
import { fileURLToPath } from 'node:url';
import { SPECIALISTS } from './index.ts';
import { writeExamples } from './write-examples.ts';

const [name = '', count = '200000'] = process.argv.slice(2);
const specialist = SPECIALISTS[name];
if (specialist === undefined || !/^[1-9]\d{0,7}$/.test(count)) {
  console.error(
    `Usage: generate.ts NAME [COUNT], where NAME is one of ${Object.keys(SPECIALISTS).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  const path = fileURLToPath(new URL(`data/${name}.jsonl`, import.meta.url));
  await writeExamples(specialist, Number(count), path);
  console.log(`${count} examples in ${path}`);
}
