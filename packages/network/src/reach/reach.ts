import type { Logger } from '@cairn/core';
import type { PeerName, Timer, Transport } from '@cairn/protocol';
import type { Connection, Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Internals } from '../libp2p/host.ts';
import { explain } from '../libp2p/reasons.ts';
import { atHost, hostOf, isLoopback, withoutPeer } from './addresses.ts';
import { askDialBack, type DialBackAnswer, MAX_ADDRESS_BYTES } from './dial-back.ts';
import { createVotes, judge } from './votes.ts';

/** Whether others can dial this peer. */
export interface Reach {
  /** `hidden`: peers have tried and cannot, or there is nothing to dial. `unknown`: too few could be asked so far. */
  readonly state: 'reachable' | 'hidden' | 'unknown';
  /** Addresses at which peers have reached this one. */
  readonly reached: readonly string[];
  /** Addresses at which they tried and did not. */
  readonly failed: readonly string[];
  /** Hosts from which this peer comes, as others see it. */
  readonly seen: readonly string[];
  /** Relays that hold a reservation for this peer. */
  readonly relays: readonly PeerName[];
}

export interface ReachParts {
  readonly host: Libp2p;
  readonly internals: Internals;
  readonly transport: Transport;
  readonly timer: Timer;
  readonly log: Logger;
}

export interface ReachOptions {
  readonly protocol: string;
  readonly isPublic: boolean;
  /** A peer that is hidden asks relays to be reached through them. */
  readonly autoRelay: boolean;
}

/** Peers asked in one round, and addresses that each is asked about. */
const MOST_PEERS = 8;
const MOST_ADDRESSES = 6;
const ANSWER_MS = 15_000;
/** From a change to the question: addresses and connections come in groups. */
const SOON_MS = 200;
const AGAIN_MS = 600_000;
const HOP = '/libp2p/circuit/relay/0.2.0/hop';
const MOST_RELAYS = 2;

/** Asks peers to dial back, keeps what they say, and acts on it. */
export function watchReach(parts: ReachParts, options: ReachOptions): { now(): Reach } & Disposable {
  const { host, internals, transport, timer, log } = parts;
  const { addressManager, transportManager } = internals;
  const outcomes = createVotes<'reached' | 'failed'>();
  const seen = createVotes<'seen'>();
  /** Whose voice each peer is that was asked lately; null: it did not answer. */
  let asked = new Map<PeerName, string | null>();
  let isAsking = false;
  let isOver = false;
  let state: Reach['state'] = 'unknown';
  let stop: () => void = () => undefined;
  let stopAgain = timer.schedule(AGAIN_MS, again);

  const direct = () => host.getConnections().filter((connection) => connection.direct);
  /** On a network of strangers one host is one voice, however many peers it runs. */
  const voiceOf = ({ remotePeer, remoteAddr }: Connection) =>
    options.isPublic ? (hostOf(remoteAddr) ?? '') : remotePeer.toString();
  const voices = () => new Set([...asked.values()].filter((voice) => voice !== null)).size;

  /** Where others may find this peer: where it listens or says so, and there at the host that they see. */
  function candidates(): string[] {
    const known = addressManager.getAddressesWithMetadata().map(({ multiaddr: each }) => withoutPeer(each));
    const listened = transportManager.getAddrs().map(withoutPeer);
    const outside = seen
      .keys()
      .filter((at) => seen.count(at, 'seen') >= Math.max(1, Math.min(2, voices())))
      .flatMap((at) => listened.flatMap((each) => atHost(each, at) ?? []));
    const all = [...known, ...outside].filter((each) => {
      const at = hostOf(each);
      return at !== null && at !== '0.0.0.0' && at !== '::' && each.toString().length <= MAX_ADDRESS_BYTES;
    });
    return [...new Set(all.map(String))].slice(0, 2 * MOST_ADDRESSES);
  }

  const verdicts = (verdict: 'reached' | 'failed') =>
    outcomes.keys().filter((address) => judge(outcomes, address, voices()) === verdict);

  function now(): Reach {
    return {
      state,
      reached: verdicts('reached'),
      failed: verdicts('failed'),
      seen: seen.keys(),
      relays: relays(),
    };
  }

  function relays(): PeerName[] {
    const through = transportManager
      .getAddrs()
      .flatMap((address) => /\/p2p\/([^/]+)\/p2p-circuit/.exec(address.toString())?.[1] ?? []);
    return [...new Set(through)];
  }

  async function ask(connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString();
    const voice = voiceOf(connection);
    const question = async (address: string): Promise<DialBackAnswer> => {
      const stream = await transport.dial(peer, options.protocol);
      const giveUp = timer.schedule(ANSWER_MS, () => stream.abort('there was no answer in time'));
      try {
        return await askDialBack(stream, address);
      } finally {
        giveUp();
      }
    };
    asked.set(peer, null);
    try {
      const { seen: at } = await question('');
      asked.set(peer, voice);
      if (at !== '' && isHost(at)) seen.cast(at, voice, 'seen');
      for (const address of candidates().slice(0, MOST_ADDRESSES)) {
        const { outcome } = await question(address);
        if (outcome !== 'refused') outcomes.cast(address, voice, outcome);
      }
    } catch (error) {
      log.debug('a peer did not dial back', { peer, reason: explain(error) });
    }
  }

  async function round(): Promise<void> {
    const unasked = new Map(
      direct()
        .filter(({ remotePeer }) => !asked.has(remotePeer.toString()))
        .map((connection) => [connection.remotePeer.toString(), connection]),
    );
    await Promise.all([...unasked.values()].slice(0, Math.max(0, MOST_PEERS - asked.size)).map(ask));
    if (isOver) return;
    outcomes.keep(new Set(candidates()));
    for (const address of verdicts('reached')) confirm(address);
    for (const address of verdicts('failed')) addressManager.removeObservedAddr(multiaddr(address));
    const before = state;
    state = judgeAll();
    if (state !== before) log.info('reach changed', { state, reached: verdicts('reached').length });
    if (state === 'hidden' && options.autoRelay) await reserve();
  }

  /** From then on it is among the addresses that others are told. */
  function confirm(address: string): void {
    const parsed = multiaddr(address);
    if (
      !addressManager
        .getAddressesWithMetadata()
        .some(({ multiaddr: each }) => withoutPeer(each).toString() === address)
    ) {
      addressManager.addObservedAddr(parsed);
    }
    addressManager.confirmObservedAddr(parsed);
  }

  function judgeAll(): Reach['state'] {
    if (verdicts('reached').length > 0) return 'reachable';
    if (voices() === 0) return state;
    // One that has failed for some and was not tried by enough is still open.
    const isOpen = outcomes.keys().some((address) => judge(outcomes, address, voices()) === 'open');
    return isOpen ? state : 'hidden';
  }

  async function reserve(): Promise<void> {
    for (const { remotePeer, remoteAddr } of direct()) {
      if (relays().length >= MOST_RELAYS || isOver) return;
      if (relays().includes(remotePeer.toString())) continue;
      const { protocols } = await host.peerStore.get(remotePeer);
      if (!protocols.includes(HOP)) continue;
      const relay = `${withoutPeer(remoteAddr)}/p2p/${remotePeer}`;
      try {
        await transportManager.listen([multiaddr(`${relay}/p2p-circuit`)]);
        log.info('a relay holds a place for this peer', { relay: remotePeer.toString() });
      } catch (error) {
        log.debug('a relay has no place', { relay: remotePeer.toString(), reason: explain(error) });
      }
    }
  }

  async function look(): Promise<void> {
    if (isAsking || isOver) return;
    isAsking = true;
    try {
      await round();
    } finally {
      isAsking = false;
    }
  }

  function soon(): void {
    stop();
    if (!isOver) stop = timer.schedule(SOON_MS, look);
  }

  /** Others may have moved, and so may this machine. */
  function again(): void {
    asked = new Map();
    soon();
    stopAgain = timer.schedule(AGAIN_MS, again);
  }

  function forget({ detail }: CustomEvent<{ toString(): string }>): void {
    asked.delete(detail.toString());
    soon();
  }

  // Known when the other side has said what it speaks.
  host.addEventListener('peer:identify', soon);
  host.addEventListener('peer:disconnect', forget);
  return {
    now,
    [Symbol.dispose]() {
      isOver = true;
      host.removeEventListener('peer:identify', soon);
      host.removeEventListener('peer:disconnect', forget);
      stop();
      stopAgain();
    },
  };
}

function isHost(text: string): boolean {
  try {
    const address = multiaddr(`/${text.includes(':') ? 'ip6' : 'ip4'}/${text}`);
    return hostOf(address) === text;
  } catch {
    return false;
  }
}

/** Whether somebody outside this machine is meant to reach one of these. */
export function isMeantForOthers(listen: readonly string[]): boolean {
  return listen.some((address) => {
    const host = hostOf(multiaddr(address));
    return host === null || !isLoopback(host);
  });
}
