import type { PeerName } from '@cairn/protocol';
import { NodeError } from '../errors.ts';

/** What stands before the name of a node in its address. */
const NODE_PART = '/p2p/';

/** Addresses of nodes, with commas between. @throws NodeError `CONFIG_INVALID`, `NETWORK_MISSING` */
export function addressesOf(given: string): string[] {
  const addresses = given.split(',').flatMap((address) => address.trim() || []);
  const nameless = addresses.find((address) => !/\/p2p\/\w+$/.test(address));
  if (nameless !== undefined) {
    throw new NodeError(
      { code: 'CONFIG_INVALID', key: 'peer', value: nameless },
      `The address ${nameless} does not end with the name of its node, /p2p/…: without it anybody could answer there.`,
    );
  }
  if (addresses.length > 0) return addresses;
  throw new NodeError(
    { code: 'NETWORK_MISSING' },
    'Which network? Name the address of one of its nodes with --peer: /ip4/…/tcp/…/p2p/…, as ./cairn up and ./cairn node start print it.',
  );
}

/** The name of the node at an address. */
export const nodeOf = (address: string): PeerName =>
  address.slice(address.lastIndexOf(NODE_PART) + NODE_PART.length);
