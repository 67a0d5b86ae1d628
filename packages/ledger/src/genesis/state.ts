import { bytes32, struct } from '@cairn/core';
import { defineCell } from '../state/table.ts';

/** What every later block needs of the genesis. */
export const genesisCell = defineCell('genesis', 'chain', struct('GenesisChain', { chainId: bytes32 }), {
  chainId: new Uint8Array(32),
});
