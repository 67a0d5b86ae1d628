import { asAmount, asCount, asIs, asList, asObject, asText, asU16, type Check } from './answer/checks.ts';
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

export const fetchNodeStatus = ({ ledger }: Connection) => ledger.call<NodeStatus>('node_status', {});

/** Status of the node when it is our own; null of another, which does not tell strangers. */
export async function findNodeStatus(connection: Connection): Promise<NodeStatus | null> {
  return connection.isOwn ? fetchNodeStatus(connection) : null;
}

/** Keys of the node that a person at this machine may spend with; none when it is another's. */
export async function findNodeWallets({ isOwn, ledger }: Connection): Promise<readonly NodeWallet[]> {
  return isOwn ? ledger.call<NodeWallet[]>('node_wallets', {}) : [];
}

/** What receipts on the node's own channels add up to; nothing is known of another's. */
export async function findNodeChannels({ isOwn, ledger }: Connection): Promise<readonly NodeChannel[]> {
  return isOwn ? ledger.call<NodeChannel[]>('node_channels', {}) : [];
}

export interface NodeChannel {
  /** Hex. */
  readonly channel: string;
  /** Sum of its receipts, in pebbles. */
  readonly settled: string;
}

export interface AccountView {
  readonly nonce: string;
  readonly spendable: string;
  readonly deposit: string;
  readonly records: number;
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

export interface PositionView {
  readonly hotkey: string;
  readonly amount: string;
}

export interface SubnetView {
  readonly netuid: number;
  readonly name: string;
  readonly owner: string;
  readonly locked: string;
  readonly neuronCount: number;
  readonly price: string;
  readonly pending: string;
  readonly epoch: number;
  readonly lastEpochSlot: string;
  readonly nextEpochSlot: string;
  readonly slot: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** Parts of 65,535. */
  readonly mechanisms: readonly { readonly part: number }[];
  /** From the next epoch on; none: as they are. */
  readonly announcedParts: readonly number[];
}

/** Tokens of an account that are not staked, in 1e-9 token. */
export interface HoldingView {
  readonly netuid: number;
  readonly amount: string;
}

/** Tokens staked to a hotkey. */
export interface TokenPositionView extends HoldingView {
  readonly hotkey: string;
}

/** The token of a subnet. Prices in pebbles for one token, tokens in 1e-9. */
export interface MarketView {
  readonly netuid: number;
  readonly name: string;
  readonly price: string;
  readonly averagePrice: string;
  readonly burnCost: string;
  readonly cairnReserve: string;
  readonly tokenReserve: string;
  readonly outstanding: string;
}

/** What a neuron's latest epoch gave it, in one mechanism or in all. Proportions of 65,535, tokens in 1e-9. */
export interface EarningsView {
  readonly incentive: number;
  readonly dividends: number;
  readonly trust: number;
  readonly emission: string;
}

export interface NeuronView extends EarningsView {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly stake: string;
  readonly active: boolean;
  readonly permit: boolean;
  readonly consensus: number;
  readonly lastUpdateSlot: string;
  readonly registeredSlot: string;
  /** Of each mechanism, where the subnet has several. */
  readonly mechanisms?: readonly EarningsView[];
}

export interface MetagraphView {
  readonly subnet: SubnetView;
  readonly neurons: readonly NeuronView[];
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
    id: asText,
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
export const asPositionView: Check<PositionView> = asIs(asObject({ hotkey: asText, amount: asAmount }));
export const asTokenPositionView: Check<TokenPositionView> = asIs(
  asObject({ netuid: asU16, hotkey: asText, amount: asAmount }),
);
export const asModelView: Check<ModelView> = asIs(
  asObject({ id: asText, name: asText, version: asText, kind: asText, artifacts: asList(asObject({})) }),
);
export const asOfferView: Check<OfferView> = asIs(
  asObject({
    id: asText,
    provider: asText,
    model: asText,
    price: asObject({ inputPerMillion: asAmount, outputPerMillion: asAmount }),
    tier: asCount,
  }),
);
