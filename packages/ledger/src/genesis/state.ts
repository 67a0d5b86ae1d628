import { bytes32, optional, struct } from '@cairn/core';
import { defineCell } from '../state/table.ts';
import { type Beacon, beaconShape } from './beacon.ts';

/** What every later block needs of the genesis. */
export const genesisCell = defineCell('genesis', 'chain', struct('GenesisChain', { chainId: bytes32 }), {
  chainId: new Uint8Array(32),
});

/** The randomness beacon of the network; null when it has none. */
export const beaconCell = defineCell<Beacon | null>('genesis', 'beacon', optional(beaconShape), null);
