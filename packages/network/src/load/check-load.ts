import { bytesToHex, type Crypto } from '@cairn/core';
import { decodeSignedLoad, type Load, type PeerName, ProtocolError, verifyLoad } from '@cairn/protocol';
import type { PeerDirectory } from '../directory.ts';
import { peerNameOf } from '../identity.ts';

/** Slots a load may be behind, and ahead of, the newest block seen here. */
const MAX_BEHIND = 2n;
const MAX_AHEAD = 1n;
/** Artifacts one device may speak of. */
const MAX_ARTIFACTS = 16;
/** Devices remembered at once. */
const MAX_DEVICES = 10_000;
/** Bad messages of one neighbour in one slot before the rest of them are dropped unread. */
const MAX_BAD_PER_SLOT = 32;
/** Bad messages of one neighbour in one slot that no lag explains. */
const FLOOD_PER_SLOT = 512;

/**
 * `reject` is a lie that the neighbour could have seen, and counts against it; `ignore` may be anybody's
 * innocent lag.
 */
export type LoadVerdict =
  | { readonly kind: 'accept'; readonly load: Load; readonly peer: PeerName }
  | {
      readonly kind: 'ignore';
      readonly why: 'nobody is known' | 'stale' | 'too frequent' | 'unknown provider' | 'noisy neighbour';
    }
  | { readonly kind: 'reject'; readonly why: 'malformed' | 'badly signed' | 'flood' };

export interface LoadCheckerParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly directory?: PeerDirectory | undefined;
}

export interface LoadChecker {
  check(neighbour: PeerName, bytes: Uint8Array): Promise<LoadVerdict>;
}

/** Decides about load that was gossiped here. What it remembers is bounded, and cheap checks come first. */
export function createLoadChecker({ crypto, chainId, directory }: LoadCheckerParts): LoadChecker {
  const newest = new Map<PeerName, Map<string, bigint>>();
  let bad = new Map<PeerName, number>();
  let currentSlot = -1n;

  function moveTo(slot: bigint): void {
    if (slot === currentSlot) return;
    currentSlot = slot;
    bad = new Map();
    for (const [peer, artifacts] of newest) {
      for (const [artifact, seen] of artifacts) if (seen + MAX_BEHIND < slot) artifacts.delete(artifact);
      if (artifacts.size === 0) newest.delete(peer);
    }
  }

  function isTooFrequent(peer: PeerName, artifact: string, slot: bigint): boolean {
    const artifacts = newest.get(peer);
    if (artifacts === undefined) return newest.size >= MAX_DEVICES;
    const seen = artifacts.get(artifact);
    return seen === undefined ? artifacts.size >= MAX_ARTIFACTS : slot <= seen;
  }

  async function judge(known: PeerDirectory, bytes: Uint8Array): Promise<LoadVerdict> {
    let signed: ReturnType<typeof decodeSignedLoad>;
    let peer: PeerName;
    try {
      signed = decodeSignedLoad(bytes);
      peer = peerNameOf(signed.load.peerKey);
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof Error)
        return { kind: 'reject', why: 'malformed' };
      throw error;
    }
    const { load } = signed;
    const artifact = bytesToHex(load.artifact);
    if (load.slot + MAX_BEHIND < currentSlot || load.slot > currentSlot + MAX_AHEAD) {
      return { kind: 'ignore', why: 'stale' };
    }
    if (isTooFrequent(peer, artifact, load.slot)) return { kind: 'ignore', why: 'too frequent' };
    if (!(await known.isDeviceOf(peer, load.provider))) return { kind: 'ignore', why: 'unknown provider' };
    if (!verifyLoad(crypto, chainId, signed)) return { kind: 'reject', why: 'badly signed' };
    if (isTooFrequent(peer, artifact, load.slot)) return { kind: 'ignore', why: 'too frequent' };
    const artifacts = newest.get(peer) ?? new Map<string, bigint>();
    newest.set(peer, artifacts.set(artifact, load.slot));
    return { kind: 'accept', load, peer };
  }

  return {
    async check(neighbour, bytes) {
      if (directory === undefined) return { kind: 'ignore', why: 'nobody is known' };
      moveTo(directory.slot());
      const badSoFar = bad.get(neighbour) ?? 0;
      if (badSoFar >= MAX_BAD_PER_SLOT) {
        bad.set(neighbour, badSoFar + 1);
        return badSoFar < FLOOD_PER_SLOT
          ? { kind: 'ignore', why: 'noisy neighbour' }
          : { kind: 'reject', why: 'flood' };
      }
      const verdict = await judge(directory, bytes);
      if (verdict.kind !== 'accept') bad.set(neighbour, badSoFar + 1);
      return verdict;
    },
  };
}
