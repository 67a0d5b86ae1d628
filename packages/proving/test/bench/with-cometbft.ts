import { homedir } from 'node:os';
import { join } from 'node:path';
import { COMETBFT_VERSION, findCometbft } from '@cairn/chain';
import { describe } from 'vitest';

const cache =
  process.env.CAIRN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cairn');

/** Where `scripts/provision` puts it; null when there is none. */
export const cometbft: string | null = await findCometbft({
  ...(process.env.CAIRN_COMETBFT ? { path: process.env.CAIRN_COMETBFT } : {}),
  folders: [join(cache, `cometbft-${COMETBFT_VERSION}`), ...(process.env.PATH ?? '').split(':')],
}).catch(() => null);

/** Tests that need it, under a name that says why they are skipped when they are. */
export function describeWithCometbft(name: string, tests: () => void): void {
  if (cometbft === null) describe.skip(`${name} (skipped: needs Go or a CometBFT binary)`, tests);
  else describe(name, tests);
}
