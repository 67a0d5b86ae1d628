import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Amount, formatAmount } from '@cairn/core';

const run = promisify(execFile);
/** What `./cairn` runs. */
const PROGRAM = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** One chunk of a data set, and what it cost; or why it was not bought. */
export type BoughtChunk =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly cost: Amount }
  | { readonly ok: false; readonly reason: string };

interface Bought {
  readonly path: string;
  readonly cost: string;
}

/**
 * Buys one chunk through the node of a data folder, for no more than `most`. The node checks it against the root on the
 * ledger before it counts, so what comes back is what was listed.
 *
 * @param most pebbles.
 */
export async function buyChunk(
  data: string,
  dataset: string,
  { index, out, most }: { readonly index: number; readonly out: string; readonly most: Amount },
): Promise<BoughtChunk> {
  const wanted = ['--chunks', String(index), '--out', out, '--most', formatAmount(most)];
  const asked = ['dataset', 'buy', dataset, ...wanted, '--data', data, '--yes', '--json'];
  try {
    const { stdout } = await run(process.execPath, ['--conditions=source', PROGRAM, ...asked]);
    const { path, cost } = JSON.parse(stdout) as Bought;
    return { ok: true, bytes: await readFile(path), cost: BigInt(cost) };
  } catch (error) {
    const said = (error as { readonly stdout?: string }).stdout ?? '';
    if (said === '') throw error;
    const { message } = (JSON.parse(said) as { error: { message: string } }).error;
    return { ok: false, reason: message };
  }
}
