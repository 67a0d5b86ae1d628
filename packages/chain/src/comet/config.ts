/** From where, and on whose word, a node without blocks takes a state. */
export interface StateSyncConfig {
  /** URLs of nodes that answer for headers and votes; what one says is compared with the others. */
  readonly servers: readonly string[];
  /** A block that somebody trusted named. */
  readonly trustHeight: number;
  /** Hash of that block, in hex. */
  readonly trustHash: string;
  /** How old that block may be: less than stake takes to unbond. */
  readonly trustPeriodMs: number;
}

/** What a node tells its CometBFT; everything else stays as CometBFT has it. */
export interface CometConfig {
  readonly moniker: string;
  /** Where the application listens, such as `unix:///path`. */
  readonly application: string;
  /** Where CometBFT answers its node. */
  readonly rpc: string;
  /** Where peers connect, such as `tcp://127.0.0.1:0`. */
  readonly listen: string;
  /** How peers reach it from elsewhere; empty: as it listens. */
  readonly external: string;
  /** `id@host:port` of peers that are kept connected. */
  readonly peers: readonly string[];
  /** `id@host:port` of peers that are asked for others. */
  readonly seeds: readonly string[];
  /** Whether peers are found by asking others. Off on a local network. */
  readonly findsPeers: boolean;
  /** Pause after a block, which sets the pace. */
  readonly blockIntervalMs: number;
  /** Null: it executes all blocks. */
  readonly stateSync: StateSyncConfig | null;
  readonly mempool: {
    readonly maxCount: number;
    readonly maxBytes: number;
    readonly maxTransactionBytes: number;
  };
}

type Value = string | number | boolean;

/** JSON strings without characters outside ASCII are strings of TOML. */
function toml(value: Value): string {
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function stateSyncSection(sync: StateSyncConfig | null): Record<string, Value> {
  if (sync === null) return { enable: false };
  const { servers, trustHeight, trustHash, trustPeriodMs } = sync;
  return {
    enable: true,
    // It wants two. One that is named twice is compared with itself: what it says is proved by votes all the same.
    rpc_servers: (servers.length === 1 ? [...servers, ...servers] : servers).join(','),
    trust_height: trustHeight,
    trust_hash: trustHash,
    trust_period: `${trustPeriodMs}ms`,
    // The least it takes.
    discovery_time: '5s',
    chunk_request_timeout: '10s',
    chunk_fetchers: 4,
  };
}

/** CometBFT's config.toml. */
export function cometConfigFile(config: CometConfig): string {
  const { blockIntervalMs, mempool } = config;
  // Rounds that fail end soon where blocks come fast, and later each time.
  const patienceMs = Math.max(200, 3 * blockIntervalMs);
  const ms = (duration: number): string => `${Math.round(duration)}ms`;
  const sections: Record<string, Record<string, Value>> = {
    '': {
      proxy_app: config.application,
      moniker: config.moniker,
      abci: 'socket',
      db_backend: 'goleveldb',
      log_level: 'error',
      log_format: 'plain',
      filter_peers: false,
    },
    rpc: { laddr: config.rpc, unsafe: false, max_body_bytes: 4_194_304, max_open_connections: 64 },
    p2p: {
      laddr: config.listen,
      external_address: config.external,
      persistent_peers: config.peers.join(','),
      seeds: config.seeds.join(','),
      pex: config.findsPeers,
      addr_book_strict: config.findsPeers,
      allow_duplicate_ip: !config.findsPeers,
      // What is asked of a peer that stops answering is asked of another soon.
      flush_throttle_timeout: '10ms',
      send_rate: 20_480_000,
      recv_rate: 20_480_000,
    },
    mempool: {
      type: 'flood',
      recheck: true,
      broadcast: true,
      size: mempool.maxCount,
      max_txs_bytes: mempool.maxBytes,
      cache_size: 2 * mempool.maxCount,
      max_tx_bytes: mempool.maxTransactionBytes,
    },
    consensus: {
      timeout_propose: ms(patienceMs),
      timeout_propose_delta: ms(patienceMs / 4),
      timeout_prevote: ms(patienceMs / 3),
      timeout_prevote_delta: ms(patienceMs / 6),
      timeout_precommit: ms(patienceMs / 3),
      timeout_precommit_delta: ms(patienceMs / 6),
      timeout_commit: ms(blockIntervalMs),
      create_empty_blocks: true,
      create_empty_blocks_interval: '0s',
      // A node that lost its state of votes waits rather than sign twice.
      double_sign_check_height: 0,
    },
    storage: { discard_abci_responses: true },
    tx_index: { indexer: 'null' },
    statesync: stateSyncSection(config.stateSync),
    instrumentation: { prometheus: false },
  };
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${toml(value)}\n`);
      return (name === '' ? '' : `[${name}]\n`) + lines.join('');
    })
    .join('\n');
}
