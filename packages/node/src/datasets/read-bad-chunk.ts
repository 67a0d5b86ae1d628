import { createNativeCrypto, createNativeSealCrypto } from '@cairn/chain';
import { addressToAccountId, bytesToHex, decode, hexToBytes } from '@cairn/core';
import { badChunkShape, isBadChunk } from '@cairn/protocol';

/** A proof about one chunk, as anybody can check it. */
export interface ReadBadChunk {
  /** Hex id. */
  readonly dataset: string;
  readonly index: number;
  /** @param seller address of the owner of the data set on the ledger. */
  convicts(chainId: string, seller: string): boolean;
}

/** @throws CoreError `CODEC_MALFORMED` */
export function readBadChunk(bytes: Uint8Array): ReadBadChunk {
  const proof = decode(badChunkShape, bytes);
  const { dataset, index } = proof.signed.sale;
  return {
    dataset: bytesToHex(dataset),
    index,
    convicts: (chainId, seller) =>
      isBadChunk(
        createNativeCrypto(),
        createNativeSealCrypto(),
        hexToBytes(chainId),
        proof,
        addressToAccountId(seller),
      ),
  };
}
