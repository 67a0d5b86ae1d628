import type { CometConfig, CometKeys } from '@cairn/chain';
import { type Crypto, utf8ToBytes } from '@cairn/core';

/**
 * What stands behind the same CometBFT with the same settings. `cairn`: the ledger. `kvstore`: CometBFT's own example,
 * which runs inside it and checks nothing. `verify`: kvstore's work, with the signature of each transaction checked, on
 * the same socket server as the ledger.
 */
export const CHAIN_KINDS = ['cairn', 'kvstore', 'verify'] as const;
export type ChainKind = (typeof CHAIN_KINDS)[number];

/** Given to a node of the bench as JSON. */
export interface ChainNodeSpec {
  readonly kind: ChainKind;
  readonly folder: string;
  /** Which of the validators it is. */
  readonly index: number;
  readonly program: string;
  readonly listen: string;
  readonly peers: readonly string[];
  readonly blockIntervalMs: number;
  /** JSON form of the genesis. */
  readonly genesis: unknown;
}

/** Most that wait on a node: the default of a Cairn node. */
const MAX_WAITING = { maxCount: 10_000, maxBytes: 67_108_864, maxTransactionBytes: 1_048_576 };

export function keysOf(crypto: Crypto, index: number): CometKeys {
  const seedOf = (what: string) => crypto.sha256(utf8ToBytes(`cairn/bench/chain/${what}/${index}`));
  return { consensusSeed: seedOf('validator'), nodeSeed: seedOf('node') };
}

/** What a Cairn node tells its CometBFT, for another application. */
export function configOf(spec: ChainNodeSpec, application: string): CometConfig {
  const { listen, peers, blockIntervalMs, index } = spec;
  return {
    ...{ listen, peers, blockIntervalMs, application },
    moniker: `bench-${index}`,
    rpc: `unix://${rpcSocketOf(spec)}`,
    external: '',
    seeds: [],
    stateSync: null,
    findsPeers: false,
    mempool: MAX_WAITING,
  };
}

export const homeOf = ({ folder }: Pick<ChainNodeSpec, 'folder'>): string => `${folder}/comet`;

export const rpcSocketOf = (spec: Pick<ChainNodeSpec, 'folder'>): string =>
  `${homeOf(spec)}/sockets/rpc.sock`;
