import { createPureCrypto, type Logger } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import {
  type Network,
  type NetworkOptions,
  type NetworkParts,
  openNetwork,
  type TransportName,
} from '../../src/index.ts';

export const crypto = createPureCrypto();
export const chainId = new Uint8Array(32).fill(7);

/** A timer of this process, which does not keep it alive. */
export const realTimer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(() => void action(), delayMs);
    handle.unref();
    return () => clearTimeout(handle);
  },
};

/** Like `realTimer`, twenty times as fast. */
export const quickTimer: Timer = {
  schedule: (delayMs, action) => realTimer.schedule(delayMs / 20, action),
};

export const silentLog: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLog,
};

/** The seed of the peer with this number. */
export const seedOf = (number: number) =>
  crypto.sha256(Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number));

let seeds = 0;

/** A peer on loopback with a key of its own. All peers of a test share one host, hence the wide limits per host. */
export function aNetwork(
  options: Partial<NetworkOptions> = {},
  parts: Partial<NetworkParts> = {},
): Promise<Network> {
  return openNetwork(
    {
      clock: { nowMs: () => 0 },
      timer: realTimer,
      crypto,
      log: silentLog,
      identity: seedOf(++seeds),
      ...parts,
    },
    {
      chainId,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      ...options,
      limits: { connectionsPerSecond: 1000, handshakes: 100, ...options.limits },
    },
  );
}

const LOOPBACK: Readonly<Record<TransportName, string>> = {
  tcp: '/ip4/127.0.0.1/tcp/0',
  websocket: '/ip4/127.0.0.1/tcp/0/ws',
  quic: '/ip4/127.0.0.1/udp/0/quic-v1',
  webrtc: '/ip4/127.0.0.1/udp/0/webrtc-direct',
};

/** A peer that has this one transport only. */
export function aNetworkBy(
  transport: TransportName,
  options: Partial<NetworkOptions> = {},
  parts: Partial<NetworkParts> = {},
): Promise<Network> {
  return aNetwork({ transports: [transport], listen: [LOOPBACK[transport]], ...options }, parts);
}

/** Lets sockets work until something holds. The test's own time limit ends it when it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
