import { type AccountId, bytesToHex, type Crypto } from '@cairn/core';
import { answerableKeys, type StateView } from '@cairn/ledger';
import { consensusAddress } from '@cairn/protocol';
import type { ChainState } from '../store/chain-state.ts';

/** A key that votes. */
export interface ConsensusKey {
  readonly id: AccountId;
  readonly publicKey: Uint8Array;
}

/** Finds the key behind an address of CometBFT in the committed state. */
export interface ConsensusKeys {
  find(address: Uint8Array): ConsensusKey | undefined;
  /** The account of the key; of an address that nobody has, the address with zeros after it. */
  accountOf(address: Uint8Array): AccountId;
}

/** Read once per committed height, so that all nodes find the same whatever they saw before. */
export function createConsensusKeys(crypto: Crypto, state: Pick<ChainState, 'meta' | 'view'>): ConsensusKeys {
  let readAt: ChainState['meta'] = null;
  let keys = new Map<string, ConsensusKey>();

  function find(address: Uint8Array): ConsensusKey | undefined {
    if (readAt !== state.meta) {
      keys = readKeys(crypto, state.view);
      readAt = state.meta;
    }
    return keys.get(bytesToHex(address));
  }

  return {
    find,
    accountOf(address) {
      const known = find(address);
      if (known !== undefined) return known.id;
      const id = new Uint8Array(32);
      id.set(address.subarray(0, 20));
      return id;
    },
  };
}

function readKeys(crypto: Crypto, view: StateView): Map<string, ConsensusKey> {
  return new Map(
    answerableKeys(view).map(({ id, publicKey }) => [
      bytesToHex(consensusAddress(crypto, publicKey)),
      { id, publicKey },
    ]),
  );
}
