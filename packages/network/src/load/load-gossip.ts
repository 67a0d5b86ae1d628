import type { Crypto, Logger, Signer } from '@cairn/core';
import { encodeSignedLoad, type Load, loadSignBytes, type PeerName } from '@cairn/protocol';
import { type GossipSub, TopicValidatorResult } from '@libp2p/gossipsub';
import type { PeerDirectory } from '../directory.ts';
import { createLoadChecker } from './check-load.ts';

/** Live load of providers, passed from neighbour to neighbour. */
export interface LoadGossip {
  /** Tells the network how busy this device is. Returns how many neighbours took it. */
  publish(load: Omit<Load, 'peerKey'>): Promise<number>;
  /** Hears checked load of others until the returned function is called. */
  onLoad(listener: LoadListener): () => void;
}

/** @param peer the device that signed. */
export type LoadListener = (load: Load, peer: PeerName) => void;

export interface LoadGossipParts {
  readonly gossip: GossipSub;
  readonly topic: string;
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly signer: Signer;
  readonly log: Logger;
  readonly directory?: PeerDirectory | undefined;
}

/** Takes part in passing load on from the start, whether or not anybody here listens. */
export function createLoadGossip(parts: LoadGossipParts): LoadGossip {
  const { gossip, topic, chainId, signer, log } = parts;
  const checker = createLoadChecker(parts);
  const listeners = new Set<LoadListener>();

  gossip.topicValidators.set(topic, async (neighbour, message) => {
    try {
      const verdict = await checker.check(neighbour.toString(), message.data);
      if (verdict.kind === 'reject') return TopicValidatorResult.Reject;
      if (verdict.kind === 'ignore') return TopicValidatorResult.Ignore;
      for (const listener of listeners) listener(verdict.load, verdict.peer);
      return TopicValidatorResult.Accept;
    } catch (error) {
      log.warn('load could not be checked', { error });
      return TopicValidatorResult.Ignore;
    }
  });
  gossip.subscribe(topic);

  return {
    async publish(load) {
      const full: Load = { ...load, peerKey: signer.publicKey };
      const signature = await signer.sign(loadSignBytes(chainId, full));
      const { recipients } = await gossip.publish(topic, encodeSignedLoad({ load: full, signature }));
      return recipients.length;
    },
    onLoad(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
