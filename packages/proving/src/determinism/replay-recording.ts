import { bytesToHex, type Crypto } from '@cairn/core';
import { createLedger, genesisState, type StateChange } from '@cairn/ledger';
import { createWorld, type World } from '../simulation/world.ts';
import { type Recording, readBlock, readGenesis } from './recording.ts';

/** What may differ between two machines and must not show. */
export interface ReplayOptions {
  /** Order in which changes are written. @default as the block gives them */
  readonly reorder?: (changes: readonly StateChange[]) => readonly StateChange[];
  /** Before this block the whole state is copied, key by key in another order, and the copy goes on. @default never */
  readonly copyBefore?: number;
}

/** Executes recorded blocks on the ground floor alone. Returns the root after each, in hex. */
export function replayRecording(
  crypto: Crypto,
  recording: Recording,
  { reorder = (changes) => changes, copyBefore = -1 }: ReplayOptions = {},
): string[] {
  const genesis = readGenesis(recording);
  const ledger = createLedger({ crypto });
  let world = createWorld(crypto);
  world.apply(reorder(genesisState(crypto, genesis)));
  return recording.blocks.map((recorded) => {
    if (recorded.height === copyBefore) world = copyOf(crypto, world);
    return bytesToHex(world.apply(reorder(ledger.apply(world.view, readBlock(recorded)).changes)));
  });
}

function copyOf(crypto: Crypto, { view }: World): World {
  const copy = createWorld(crypto);
  const keys = [...view.keys('')].reverse();
  copy.apply(keys.map((key) => ({ key, value: view.get(key)! })));
  return copy;
}
