import { type ReadAddress, readAddress } from '@cairn/network';
import { SETTINGS, type Settings } from '../config/table.ts';
import { NodeError } from '../errors.ts';

/** How a node wants to be reached, and what it believes of others. */
export interface DoorSettings {
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[];
  /** Multiaddrs told to others instead. */
  readonly announce: readonly string[];
  /** Nodes that relay to this one, as multiaddrs with their names. */
  readonly via: readonly string[];
  /** Whether others are reached through this node. */
  readonly isRelay: boolean;
  readonly scope: 'private' | 'public';
  /** Whether it listens where every node does that was not told otherwise. */
  readonly isUsualPort: boolean;
}

/** The settings that say it. */
type DoorSettingValues = Pick<
  Settings,
  'p2pListen' | 'networkAnnounce' | 'networkRelay' | 'networkVia' | 'networkScope'
>;

/** Most addresses of a machine on the ledger, and most bytes of one, the name of the node apart. */
const MOST_ADDRESSES = 8;
const MOST_BYTES = 140;
/** Most relays that are asked for a place. */
const MOST_RELAYS = 4;

/** @throws NodeError `CONFIG_INVALID` */
export function doorSettingsOf(settings: DoorSettingValues): DoorSettings {
  const { p2pListen, networkAnnounce, networkRelay, networkVia } = settings;
  const scope = settings.networkScope === 'public' ? 'public' : 'private';
  const announce = listOf('networkAnnounce', networkAnnounce, MOST_ADDRESSES);
  for (const address of announce) refuseUnfitAnnounced(address, scope);
  const via = listOf('networkVia', networkVia, MOST_RELAYS);
  for (const address of via) refuseUnfitRelay(address);
  const isRelay = networkRelay === 'on';
  if (announce.length > 0 && via.length > 0) {
    throw invalid(
      'networkVia',
      networkVia,
      'says that others reach this node by a relay only, and networkAnnounce that they dial it. Set one of them',
    );
  }
  if (isRelay && p2pListen === '') {
    throw invalid(
      'networkRelay',
      networkRelay,
      'needs a p2pListen: nobody is reached through a node that nobody can dial',
    );
  }
  const isUsualPort = p2pListen === SETTINGS.p2pListen.initial;
  return { listen: listenOn(p2pListen), announce, via, isRelay, scope, isUsualPort };
}

/** A node that only asks others. */
export function unreached(scope: DoorSettings['scope']): DoorSettings {
  return { listen: [], announce: [], via: [], isRelay: false, scope, isUsualPort: false };
}

function refuseUnfitAnnounced(address: string, scope: DoorSettings['scope']): void {
  const read = readMachine('networkAnnounce', address);
  const refuse = (reason: string) => invalid('networkAnnounce', address, reason);
  if (Buffer.byteLength(address) > MOST_BYTES) {
    throw refuse(`is longer than ${MOST_BYTES} bytes; the ledger keeps no longer ones`);
  }
  if (read.peer !== null || read.isRelayed) {
    throw refuse('ends with the name of a node. Leave /p2p/… out: the name of this node is added');
  }
  if (read.port === null || read.port === 0) {
    throw refuse('has no port that others could dial, such as /tcp/8471');
  }
  if (read.host === '0.0.0.0' || read.host === '::') {
    throw refuse('names no machine. Give the address at which others see it');
  }
  if (scope === 'public' && !read.isPublic) {
    throw refuse('is private, and on a network of public scope nobody dials such an address');
  }
}

function refuseUnfitRelay(address: string): void {
  const read = readMachine('networkVia', address);
  if (read.isRelayed) {
    throw invalid('networkVia', address, 'leads through a relay itself. Name the relay: /ip4/…/tcp/…/p2p/…');
  }
  if (read.peer === null) {
    throw invalid(
      'networkVia',
      address,
      'does not end with the name of its node, /p2p/…: anybody could answer there',
    );
  }
}

function readMachine(key: string, address: string): ReadAddress {
  const read = readAddress(address);
  if (read !== null) return read;
  throw invalid(
    key,
    address.slice(0, 200),
    'is not the address of a machine, such as /ip4/203.0.113.7/tcp/8471 or /dns4/node.example.org/tcp/8471',
  );
}

/** What stands between commas. */
function listOf(key: string, given: string, most: number): string[] {
  const items = [...new Set(given.split(',').flatMap((item) => item.trim() || []))];
  if (items.length > most) throw invalid(key, given.slice(0, 200), `names more than ${most} addresses`);
  return items;
}

function invalid(key: string, value: string, reason: string): NodeError {
  return new NodeError({ code: 'CONFIG_INVALID', key, value }, `${key} ${value} ${reason}.`);
}

/**
 * TCP and QUIC at the port; WebRTC, which cannot share one with QUIC, at the next.
 *
 * @throws NodeError `CONFIG_INVALID`
 */
export function listenOn(given: string): string[] {
  if (given === '') return [];
  const match = /^(?:\[([0-9a-f:]+)\]|([0-9.]+)|localhost):(\d{1,5})$/i.exec(given);
  if (match === null || Number(match[3]) > 65_535) {
    throw invalid('p2pListen', given, 'is not an address and a port, such as 127.0.0.1:8471 or [::1]:8471');
  }
  const [, six, four = '127.0.0.1'] = match;
  const port = Number(match[3]);
  const next = port === 0 || port === 65_535 ? 0 : port + 1;
  const host = six === undefined ? `/ip4/${four}` : `/ip6/${six}`;
  return [`${host}/tcp/${port}`, `${host}/udp/${port}/quic-v1`, `${host}/udp/${next}/webrtc-direct`];
}
