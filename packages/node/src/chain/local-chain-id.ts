import { createPureCrypto } from '@cairn/core';
import { chainIdOf } from '@cairn/ledger';
import { consensusChainId } from '@cairn/protocol';
import { readGenesis } from '../up/local-genesis.ts';

/**
 * Name of the chain of a genesis, as headers have it, when that network is local; null when it is real or there is no
 * genesis. The name is a hash of all the genesis says, so no other chain has it.
 */
export async function localChainIdOf(genesisPath: string): Promise<string | null> {
  const genesis = await readGenesis(genesisPath);
  if (genesis?.kind !== 'local') return null;
  return consensusChainId(chainIdOf(createPureCrypto(), genesis));
}
