import { askNode } from './answer/ask-node.ts';
import {
  asAmount,
  asCount,
  asHex,
  asIs,
  asList,
  asNullable,
  asNumber,
  asObject,
  asOptional,
  asText,
  asU16,
  type Check,
  type Checked,
} from './answer/checks.ts';
import type { Connection } from './connect.ts';

/** What the control methods of a node answer. They exist on its own socket only. */
export interface NodeStatus {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly data: string;
  readonly url: string;
  readonly network: {
    readonly name: string;
    readonly kind: string;
    readonly engine: string;
    readonly chainId: string;
  };
  readonly roles: readonly NodeRole[];
  readonly residentBytes: number;
  /** Where other nodes reach it. An older node says nothing of it. */
  readonly addresses?: readonly string[] | undefined;
  /** Whether other nodes can dial this one; null when none is to. An older node says nothing of it. */
  readonly reach?: NodeReach | null | undefined;
}

export interface NodeReach {
  readonly state: string;
  readonly reached: readonly string[];
  readonly failed: readonly string[];
  readonly seen: readonly string[];
  readonly relays: readonly string[];
  readonly missing: readonly { readonly transport: string; readonly reason: string }[];
  /** Addresses that it was told to tell others. An older node says nothing of this and what follows. */
  readonly announced?: readonly string[] | undefined;
  readonly scope?: string | undefined;
  /** Limits of the relay that it is to others; null when it is none. */
  readonly relay?: Relay | null | undefined;
}

interface Relay {
  readonly places: number;
  readonly held: number;
  readonly bytes: number;
  readonly durationMs: number;
}

export interface NodeRole {
  readonly name: string;
  readonly kind: string;
  /** The account it works with: the hotkey of a miner or validator. */
  readonly address: string;
  readonly coldkey?: string;
  readonly note: string;
}

export interface NodeWallet {
  readonly name: string;
  readonly address: string;
}

const asReach: Check<NodeReach> = asObject({
  state: asText,
  reached: asList(asText),
  failed: asList(asText),
  seen: asList(asText),
  relays: asList(asText),
  missing: asList(asObject({ transport: asText, reason: asText })),
  announced: asOptional(asList(asText)),
  scope: asOptional(asText),
  relay: asOptional(
    asNullable(asObject({ places: asCount, held: asCount, bytes: asCount, durationMs: asCount })),
  ),
});

const asNodeStatus: Check<NodeStatus> = asIs(
  asObject({
    version: asText,
    pid: asCount,
    uptimeMs: asNumber,
    data: asText,
    url: asText,
    network: asObject({ name: asText, kind: asText, engine: asText, chainId: asText }),
    roles: asList(asObject({ name: asText, kind: asText, address: asText, note: asText })),
    residentBytes: asCount,
    addresses: asOptional(asList(asText)),
    reach: asOptional(asNullable(asReach)),
  }),
);

export const fetchNodeStatus = (connection: Connection): Promise<NodeStatus> =>
  askNode(connection, 'node_status', {}, asNodeStatus);

const asRoles = asObject({ roles: asList(asObject({ name: asText, address: asText, note: asText })) });
const asOwnNode = asObject({ url: asText, roles: asList(asObject({ name: asText, address: asText })) });

/** Where the node answers and its roles when it is our own; null of another, which does not tell strangers. */
export async function findOwnNode(connection: Connection): Promise<Checked<typeof asOwnNode> | null> {
  return connection.isOwn ? askNode(connection, 'node_status', {}, asOwnNode) : null;
}

/** The roles of the node when it is our own; none of another. */
export async function findRoles(connection: Connection): Promise<Checked<typeof asRoles>['roles']> {
  return connection.isOwn ? (await askNode(connection, 'node_status', {}, asRoles)).roles : [];
}

/** Status of the node when it is our own; null of another, which does not tell strangers. */
export async function findNodeStatus(connection: Connection): Promise<NodeStatus | null> {
  return connection.isOwn ? fetchNodeStatus(connection) : null;
}

/** Keys of the node that a person at this machine may spend with; none when it is another's. */
export async function findNodeWallets(connection: Connection): Promise<readonly NodeWallet[]> {
  const asWallet = asObject({ name: asText, address: asText });
  return connection.isOwn ? askNode(connection, 'node_wallets', {}, asList(asWallet)) : [];
}

/** What receipts on the node's own channels add up to; nothing is known of another's. */
export async function findNodeChannels(connection: Connection): Promise<readonly NodeChannel[]> {
  const asChannel = asObject({ channel: asHex, settled: asAmount });
  return connection.isOwn ? askNode(connection, 'node_channels', {}, asList(asChannel)) : [];
}

export interface NodeChannel {
  /** Hex. */
  readonly channel: string;
  /** Sum of its receipts, in pebbles. */
  readonly settled: bigint;
}

export interface ChannelView {
  readonly id: string;
  readonly payer: string;
  readonly payee: string;
  readonly netuid: number;
  readonly deposited: string;
  readonly claimed: string;
  readonly finalAt: string;
  readonly openedHeight: string;
  readonly recordDeposit: string;
  readonly live: string;
}

export interface ModelView {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly kind: string;
  readonly description: string;
  readonly licence: string;
  readonly contextTokens: number;
  readonly artifacts: readonly {
    readonly path: string;
    readonly quantisation: string;
    readonly sizeBytes: string;
    readonly sha256: string;
  }[];
}

export interface OfferView {
  readonly id: string;
  readonly provider: string;
  readonly netuid: number;
  readonly model: string;
  readonly artifact: string;
  readonly price: {
    readonly inputPerMillion: string;
    readonly cachedInputPerMillion: string;
    readonly outputPerMillion: string;
    readonly perRequest: string;
  };
  readonly tier: number;
  readonly contextTokens: number;
}

export const asChannelView: Check<ChannelView> = asIs(
  asObject({
    id: asHex,
    payer: asText,
    payee: asText,
    netuid: asU16,
    deposited: asAmount,
    claimed: asAmount,
    finalAt: asAmount,
    live: asAmount,
    recordDeposit: asAmount,
  }),
);
export const asModelView: Check<ModelView> = asIs(
  asObject({ id: asHex, name: asText, version: asText, kind: asText, artifacts: asList(asObject({})) }),
);
export const asOfferView: Check<OfferView> = asIs(
  asObject({
    id: asHex,
    provider: asText,
    model: asText,
    price: asObject({ inputPerMillion: asAmount, outputPerMillion: asAmount }),
    tier: asCount,
  }),
);
