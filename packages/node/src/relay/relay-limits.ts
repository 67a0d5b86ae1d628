import type { Clock } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';

export interface RelayLimits {
  /** Streams passed on at a time, of one peer and in all. @default 8 and 256 */
  readonly streamsPerPeer: number;
  readonly streams: number;
  /** New streams of one peer in a minute. @default 60 */
  readonly streamsPerMinute: number;
  /** Bytes passed on for one peer in a minute, both ways. @default 64 MiB */
  readonly bytesPerMinute: number;
  /** Longest silence of both ends, and longest life of a stream. @default 120 s and 30 min */
  readonly idleMs: number;
  readonly lifeMs: number;
}

export const RELAY_LIMITS: RelayLimits = {
  streamsPerPeer: 8,
  streams: 256,
  streamsPerMinute: 60,
  bytesPerMinute: 64 * 1024 * 1024,
  idleMs: 120_000,
  lifeMs: 30 * 60_000,
};

const MINUTE_MS = 60_000;
/** Most peers that are counted; one that fell silent longest ago goes first. */
const MOST_PEERS = 10_000;

interface Count {
  sinceMs: number;
  opened: number;
  bytes: number;
  running: number;
}

/** What each peer has used of a relay. */
export interface RelayBook {
  /** Null when a stream may begin; else why not. The caller ends what began. */
  begin(peer: PeerName): string | null;
  end(peer: PeerName): void;
  /** False when this is more than the peer may have passed on in a minute. */
  pass(peer: PeerName, bytes: number): boolean;
}

export function createRelayBook(clock: Clock, limits: RelayLimits): RelayBook {
  const counts = new Map<PeerName, Count>();
  let running = 0;

  function countOf(peer: PeerName): Count {
    const nowMs = clock.nowMs();
    const known = counts.get(peer);
    const count = known ?? { sinceMs: nowMs, opened: 0, bytes: 0, running: 0 };
    if (nowMs - count.sinceMs >= MINUTE_MS) Object.assign(count, { sinceMs: nowMs, opened: 0, bytes: 0 });
    counts.delete(peer);
    counts.set(peer, count);
    return count;
  }

  function makeRoom(): void {
    for (const [peer, count] of counts) {
      if (counts.size <= MOST_PEERS) return;
      if (count.running === 0) counts.delete(peer);
    }
  }

  return {
    begin(peer) {
      const count = countOf(peer);
      if (running >= limits.streams)
        return `${running} streams are passed on, which is all this relay takes.`;
      if (count.running >= limits.streamsPerPeer)
        return `${count.running} of your streams are passed on, which is all one peer has.`;
      if (count.opened >= limits.streamsPerMinute) {
        const leftMs = count.sinceMs + MINUTE_MS - clock.nowMs();
        return `You have opened ${count.opened} streams in a minute, which is all. Try again in ${leftMs} ms.`;
      }
      count.opened += 1;
      count.running += 1;
      running += 1;
      makeRoom();
      return null;
    },
    end(peer) {
      countOf(peer).running -= 1;
      running -= 1;
    },
    pass(peer, bytes) {
      const count = countOf(peer);
      count.bytes += bytes;
      return count.bytes <= limits.bytesPerMinute;
    },
  };
}
