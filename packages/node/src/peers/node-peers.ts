import { createMemoryNetwork } from '@cairn/network';
import type { PeerName, Transport } from '@cairn/protocol';
import type { OwnDevice } from '../sealing/ledger-keys.ts';

/** The roles of one node as peers: of each other in memory, of everybody else through the node's own transport. */
export interface NodePeers {
  /** A transport for a role. Others name it `NAME@NODE`. @throws ProtocolError `PEER_UNREACHABLE` when the name is taken */
  join(name: string): Transport;
  /** What others call a role of this node. */
  nameOf(name: string): PeerName;
  /** The machine of these roles, as the ledger names it; null when nobody from outside reaches it. */
  readonly device: OwnDevice | null;
}

/** Between the name of a role and that of its node. */
const AT = '@';

/** @param door how others reach the node; null when nobody from outside does. */
export function createNodePeers(
  door: { readonly transport: Transport; readonly device: OwnDevice } | null,
): NodePeers {
  const outer = door?.transport ?? null;
  const inside = createMemoryNetwork();
  const nameOf = (name: string): PeerName => (outer === null ? name : `${name}${AT}${outer.peer}`);

  return {
    nameOf,
    device: door?.device ?? null,
    join(name) {
      const seat = inside.join(name);
      return {
        peer: nameOf(name),
        dial(to, protocol, options) {
          const { role, node } = parsePeer(to);
          if (node === null || node === outer?.peer) return seat.dial(role, protocol, options);
          if (outer === null) return seat.dial(to, protocol, options);
          return outer.dial(node, protocolOf(protocol, role), options);
        },
        listen(protocol, handler) {
          const stopInside = seat.listen(protocol, handler);
          const stopOutside = outer?.listen(protocolOf(protocol, name), handler);
          return () => {
            stopInside();
            stopOutside?.();
          };
        },
        [Symbol.asyncDispose]: () => seat[Symbol.asyncDispose](),
      };
    },
  };
}

/** The protocol of one role of a node, as nodes speak it with each other. */
const protocolOf = (protocol: string, role: string): string => `${protocol}/to/${role}`;

function parsePeer(peer: PeerName): { readonly role: string; readonly node: PeerName | null } {
  const at = peer.lastIndexOf(AT);
  return at === -1 ? { role: peer, node: null } : { role: peer.slice(0, at), node: peer.slice(at + 1) };
}
