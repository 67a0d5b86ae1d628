import { describe } from 'vitest';
import { cometbft } from './cometbft.ts';

/** Tests that need it, under a name that says why they are skipped when they are. */
export function describeWithCometbft(name: string, tests: () => void): void {
  if (cometbft === null) describe.skip(`${name} (skipped: needs Go or a CometBFT binary)`, tests);
  else describe(name, tests);
}
