/**
 * Runs the commands of the README on a new local network with its default settings and writes what they print
 * into it. `npm run record`; takes a minute and a half.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recorded, readRecordings, startSession, writeRecordings } from '../test/support/recording.ts';

const README = new URL('../README.md', import.meta.url);
/** Long enough for three epochs of twenty slots of a second: the third pays weights that the second committed. */
const UNTIL_PAY_MS = 75_000;

const markdown = await readFile(README, 'utf8');
const home = await mkdtemp(join(tmpdir(), 'cairn-record-'));
const data = join(home, '.cairn');
await using session = await startSession({ CAIRN_DATA: data, CAIRN_PORT: '8470' });
const recorded: Recorded[] = [];
for (const { command } of readRecordings(markdown)) {
  if (command.includes('subnet show')) await new Promise((resolve) => setTimeout(resolve, UNTIL_PAY_MS));
  const output = command === './cairn up' ? session.up : await session.run(command);
  recorded.push({ command, output: output.replaceAll(data, '~/.cairn') });
}
await writeFile(README, writeRecordings(markdown, recorded));
await rm(home, { recursive: true, force: true });
