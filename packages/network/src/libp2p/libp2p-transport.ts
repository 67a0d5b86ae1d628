import type { CancelSignal, Logger } from '@cairn/core';
import {
  type DialOptions,
  type PeerName,
  ProtocolError,
  type Stream,
  type StreamHandler,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import type { Connection, Libp2p, PeerId, Stream as RawStream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import type { PeerDirectory } from '../directory.ts';
import type { Budgets } from './budget.ts';
import { failureFor, frameStream } from './framed-stream.ts';
import { type NetworkLimits, STREAMS_PER_CONNECTION } from './limits.ts';
import { explain } from './reasons.ts';

/** Addresses of one peer that are tried in one dial. */
const MAX_ADDRESSES = 16;
/** How long a peer that is reached through a relay is not tried directly again. */
const DIRECT_AGAIN_MS = 60_000;

export interface Libp2pTransportParts {
  readonly host: Libp2p;
  readonly timer: Timer;
  readonly log: Logger;
  readonly budgets: Budgets;
  readonly directory?: PeerDirectory | undefined;
  readonly limits: NetworkLimits;
}

/** The `Transport` port on a libp2p host. A stream's peer is the one that the handshake has proved. */
export function createLibp2pTransport(parts: Libp2pTransportParts): Transport {
  const { host, timer, log, budgets, limits } = parts;
  const self = host.peerId.toString();
  const open = new Set<Stream>();
  /** Peers that did not answer directly just now; a relay reaches them. */
  const onlyRelayed = new Set<PeerName>();
  let isDisposed = false;

  function unreachable(peer: PeerName, reason: string, cause?: unknown): ProtocolError {
    return new ProtocolError(
      { code: 'PEER_UNREACHABLE', peer },
      `Peer ${peer} cannot be reached: ${reason}.`,
      cause === undefined ? undefined : { cause },
    );
  }

  function adopt(raw: RawStream, remote: PeerName, onOver: () => void) {
    const framed = frameStream({
      raw,
      remote,
      timer,
      limits,
      budget: budgets.of(remote),
      onOver: () => {
        open.delete(framed.stream);
        onOver();
      },
    });
    open.add(framed.stream);
    return framed;
  }

  async function serve(raw: RawStream, connection: Connection, handler: StreamHandler): Promise<void> {
    const remote = connection.remotePeer.toString();
    const budget = budgets.of(remote);
    if (isDisposed || !budget.openStream()) {
      raw.abort(new Error('too many streams of this peer are open'));
      return;
    }
    const { stream, settle, expectFrame } = adopt(raw, remote, () => budget.closeStream());
    expectFrame();
    try {
      await handler(stream);
    } catch (error) {
      log.debug('stream handler failed', { protocol: raw.protocol, peer: remote, error });
      stream.abort(failureFor(error));
      return;
    }
    await settle();
  }

  /**
   * A connection to `peer`, by what the ledger says first and by hints only when that does not help. One through a relay
   * carries all streams until there is a direct one: libp2p would open another for each, and soon be refused.
   */
  async function connect(id: PeerId, peer: PeerName, signal: AbortSignal): Promise<Connection> {
    const open = () => host.getConnections(id).filter(({ status }) => status === 'open');
    const relayed = () => open().find(({ direct }) => !direct);
    const existing = open().find(({ direct }) => direct);
    if (existing !== undefined) return existing;
    const throughRelay = relayed();
    if (throughRelay !== undefined && onlyRelayed.has(peer)) return throughRelay;
    const reasons: string[] = [];
    const known = ((await parts.directory?.addressesOf(peer)) ?? []).slice(0, MAX_ADDRESSES);
    const addresses = known.flatMap((address) => {
      try {
        const parsed = multiaddr(address);
        const components = parsed.getComponents();
        if (relayed() !== undefined && components.at(-2)?.name === 'p2p-circuit') return [];
        const named = components.findLast(({ name }) => name === 'p2p')?.value;
        if (named !== undefined && named !== peer) return [];
        return [named === undefined ? parsed.encapsulate(`/p2p/${peer}`) : parsed];
      } catch {
        reasons.push('an address on the ledger is malformed');
        return [];
      }
    });
    if (addresses.length > 0) {
      try {
        return await host.dial(addresses, { signal });
      } catch (error) {
        reasons.push(explain(error));
        if (relayed() !== undefined) rest(peer);
      }
    }
    try {
      return relayed() ?? (await host.dial(id, { signal }));
    } catch (error) {
      reasons.push(explain(error));
      throw unreachable(peer, [...new Set(reasons)].join('; '), error);
    }
  }

  function rest(peer: PeerName): void {
    if (onlyRelayed.has(peer)) return;
    onlyRelayed.add(peer);
    timer.schedule(DIRECT_AGAIN_MS, () => void onlyRelayed.delete(peer));
  }

  async function dial(peer: PeerName, protocol: string, options: DialOptions): Promise<Stream> {
    if (isDisposed) throw unreachable(peer, 'this host is closed');
    let id: PeerId;
    try {
      id = peerIdFromString(peer);
    } catch (cause) {
      throw unreachable(peer.slice(0, 200), 'that is not the name of a peer', cause);
    }
    if (peer === self) throw unreachable(peer, 'that is this peer itself');
    const { signal, dispose } = deadline(options.signal, timer, limits.dialTimeoutMs);
    try {
      const connection = await connect(id, peer, signal);
      if (!connection.remotePeer.equals(id)) throw unreachable(peer, 'another peer answered');
      const raw = await connection.newStream(protocol, {
        signal,
        runOnLimitedConnection: true,
        maxOutboundStreams: STREAMS_PER_CONNECTION,
      });
      if (isDisposed) raw.abort(new Error('this host is closed'));
      return adopt(raw, peer, () => undefined).stream;
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (error instanceof Error && error.name === 'UnsupportedProtocolError') {
        throw new ProtocolError(
          { code: 'PROTOCOL_UNSUPPORTED', peer, protocol },
          `Peer ${peer} does not serve ${protocol}.`,
          { cause: error },
        );
      }
      throw unreachable(peer, explain(error), error);
    } finally {
      dispose();
    }
  }

  const served = new Set<string>();
  return {
    peer: self,
    dial: (peer, protocol, options = {}) => dial(peer, protocol, options),
    listen(protocol, handler) {
      if (served.has(protocol)) {
        throw new ProtocolError({ code: 'PROTOCOL_TAKEN', protocol }, `${self} serves ${protocol} already.`);
      }
      served.add(protocol);
      const failed = (error: unknown) => log.error('protocol could not be served', { protocol, error });
      host
        .handle(protocol, (raw, connection) => void serve(raw, connection, handler), {
          // The budget counts exactly; this count refuses all of a burst that goes beyond it.
          maxInboundStreams: STREAMS_PER_CONNECTION,
          maxOutboundStreams: STREAMS_PER_CONNECTION,
          runOnLimitedConnection: true,
        })
        .catch(failed);
      return () => {
        served.delete(protocol);
        host.unhandle(protocol).catch(failed);
      };
    },
    async [Symbol.asyncDispose]() {
      if (isDisposed) return;
      isDisposed = true;
      for (const stream of open) stream.abort(`${self} went away`);
      await host.stop();
    },
  };
}

/** Aborts when the caller does or the time is up. */
function deadline(
  wanted: CancelSignal | undefined,
  timer: Timer,
  timeoutMs: number,
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const cancel = () => controller.abort(new Error('the caller gave up'));
  if (wanted?.aborted === true) cancel();
  wanted?.addEventListener('abort', cancel, { once: true });
  const stop = timer.schedule(timeoutMs, () =>
    controller.abort(new Error(`there was no answer in ${timeoutMs} ms`)),
  );
  return {
    signal: controller.signal,
    dispose() {
      stop();
      wanted?.removeEventListener('abort', cancel);
    },
  };
}
