import { type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';

/** What a provider can be found by. */
export type DiscoveryTopic =
  | { readonly kind: 'model' /** Id of the model's card, 32 bytes. */; readonly model: Uint8Array }
  | { readonly kind: 'subnet'; readonly netuid: number };

/** Multicodec of plain bytes, and of SHA-256. */
const RAW = 0x55;
const SHA2_256 = 0x12;

/** The place of a topic in the DHT: a hash over the network and the topic. */
export function discoveryCid(crypto: Crypto, chainId: Uint8Array, topic: DiscoveryTopic): CID {
  const subject =
    topic.kind === 'model' ? topic.model : Uint8Array.of(topic.netuid >>> 8, topic.netuid & 0xff);
  const hash = crypto.sha256(concatBytes(utf8ToBytes(`cairn/discovery/v1/${topic.kind}/`), chainId, subject));
  return CID.createV1(RAW, create(SHA2_256, hash));
}
