import { NodeError } from '../errors.ts';

/** CometBFT's name of a node, and where it is. */
const PEER = /^[0-9a-f]{40}@(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/;

/** @throws NodeError `PEER_MALFORMED` */
export function parsePeers(list: string): string[] {
  const peers = list
    .split(',')
    .map((peer) => peer.trim())
    .filter((peer) => peer !== '');
  for (const peer of peers) {
    if (PEER.test(peer)) continue;
    throw new NodeError(
      { code: 'PEER_MALFORMED', peer },
      `${peer} is no peer. Write the node id, 40 hexadecimal digits, then @host:port; ./cairn node show prints both.`,
    );
  }
  return peers;
}
