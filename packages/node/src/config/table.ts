/** One setting. The table makes the flags, the environment names, the help and the reference. */
export interface SettingDefinition<T> {
  readonly kind: 'text' | 'number' | 'boolean';
  readonly initial: T;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** Whether an empty text says something, where the initial one is not empty. */
  readonly mayBeEmpty?: true;
  readonly help: string;
}

const text = (initial: string, help: string, choices?: readonly string[]): SettingDefinition<string> => ({
  kind: 'text',
  initial,
  help,
  ...(choices === undefined ? {} : { choices }),
});
const number = (
  initial: number,
  unit: string,
  min: number,
  max: number,
  help: string,
): SettingDefinition<number> => ({
  kind: 'number',
  initial,
  unit,
  min,
  max,
  help,
});

/** Every setting of a node. A fresh install needs none of them changed. */
export const SETTINGS = {
  data: text('~/.cairn', 'Folder of the node: chain, keys, blobs, configuration.'),
  host: text('127.0.0.1', 'Address to listen on. Anything but loopback needs a key for every request.'),
  port: number(8470, 'port', 0, 65_535, 'Port of the gateway, RPC and status; 0 takes a free one.'),
  blockMs: number(1_000, 'ms', 50, 60_000, 'Time between blocks.'),
  slotMs: number(1_000, 'ms', 100, 60_000, 'Block time of one slot on a network that `up` creates.'),
  tempo: number(20, 'slots', 5, 50_400, 'Slots between epochs of the subnet that `up` creates.'),
  model: text(
    '',
    'Model the gateway offers first: a path, an https URL, hf:owner/repo/file.gguf or ollama:name.',
  ),
  modelName: text(
    '',
    'Name a miner registers its model under, as owner/model. Empty: the name it has in the registry already, else one made from its account and its file.',
  ),
  contextTokens: number(
    4_096,
    'tokens',
    64,
    1_048_576,
    'Most tokens of context a miner allocates for its model.',
  ),
  inputPrice: text('20', 'CAIRN a miner asks for a million input tokens.'),
  outputPrice: text('60', 'CAIRN a miner asks for a million output tokens.'),
  peer: text(
    '',
    'Nodes of the network that a role joins, with commas between, such as /ip4/127.0.0.1/tcp/8471/p2p/<node>.',
  ),
  p2pListen: {
    ...text(
      '127.0.0.1:8471',
      'Where other nodes reach this one, as host:port, by TCP and QUIC, and browsers by WebRTC at the next port; port 0 takes free ones. Empty: nobody does.',
    ),
    mayBeEmpty: true,
  },
  networkScope: text(
    'private',
    'Kind of network this node is on: on a private one it dials and believes whatever address others name, on a public one no private or loopback address but those it was told of itself.',
    ['private', 'public'],
  ),
  networkAnnounce: text(
    '',
    'Addresses told to others instead of those listened on, for a node behind a forwarded port or a name, such as /ip4/203.0.113.7/tcp/8471, with commas between. Empty: where it listens, and where others have reached it.',
  ),
  networkRelay: text(
    'off',
    'Whether nodes that nobody can dial are reached through this one: on or off. On: 32 nodes at a time, each connection up to 64 MiB each way and 30 minutes.',
    ['off', 'on'],
  ),
  networkVia: text(
    '',
    'Nodes through which others reach this one when nobody can dial it, as addresses with their names and with commas between; they run with networkRelay. Empty: a node that listens for others and finds that nobody reaches it asks those it knows.',
  ),
  mostPerAnswer: text('1', 'Most CAIRN the gateway pays for one answer, whatever its provider asks.'),
  spendFor: text(
    '',
    'Account whose money the gateway spends as its sub-key, within its caps and on its models. Empty: its own.',
  ),
  seal: text(
    'required',
    'Whether the gateway seals what it asks to the provider: required asks nobody who has no key on the ledger, prefer asks such providers in clear, off sends everything in clear.',
    ['required', 'prefer', 'off'],
  ),
  relayThrough: text(
    '',
    'Peer that passes sealed questions on, so that providers see its address and not ours. Not together with hub. Empty: none.',
  ),
  hub: text(
    '',
    'Hub that pays providers for the gateway, which then needs one channel only: its account, or owner/model or owner/model:tag, a model of that account. Empty: the gateway pays each by a channel of its own.',
  ),
  hubFeeBps: number(
    600,
    'ten thousandths',
    0,
    10_000,
    "What a hub takes above a provider's price: the least it takes as a role, what the gateway pays as its user.",
  ),
  hubChannels: number(256, 'channels', 1, 100_000, 'Most channels to providers a hub keeps at a time.'),
  relayForOthers: text(
    'off',
    'Whether this node passes sealed requests of others on to providers: on or off.',
    ['on', 'off'],
  ),
  agentPayments: text(
    'off',
    'Whether agents that use the gateway may send its money with the tool pay: within the caps of the sub-key, and mostPerAnswer for each.',
    ['off', 'on'],
  ),
  sell: text(
    'off',
    'Whether callers from elsewhere without a key may pay for answers by HTTP 402 (x402): the gateway pays the provider and charges five percent more.',
    ['off', 'on'],
  ),
  imageRegistries: {
    ...text(
      'docker.io,ghcr.io,quay.io',
      'Registries that images of others may come from when they are run here, with commas between. Empty: none.',
    ),
    mayBeEmpty: true,
  },
  imageNetwork: text(
    'off',
    'Whether images of others that ask for it reach the network of this machine, with all that is in it: on or off.',
    ['off', 'on'],
  ),
  computeSlotPrice: text('0.0001', 'CAIRN a compute provider that joins asks for a slot of being ready.'),
  computeWorkPrice: text(
    '0.1',
    'CAIRN a compute provider that joins asks for a thousand seconds of CPU time.',
  ),
  computeMemory: number(
    2_048,
    'MiB',
    1,
    16_777_216,
    'Memory of all that a compute provider that joins hosts, each deployment at its most instances.',
  ),
  computeBond: text('2', 'Most CAIRN a compute provider that joins puts at stake for one lease.'),
  computeImages: text(
    'off',
    'Whether a compute provider that joins runs images of strangers beside functions, in containers that share its kernel: on or off.',
    ['off', 'on'],
  ),
  quote: text(
    '',
    'File with the quote of the attested hardware that a miner runs in: TDX, or SEV-SNP with its certificates. Empty: none.',
  ),
  checks: text(
    'on',
    'Whether a network that `up` creates, and a validator, ask providers as users do and check that they run the models they name.',
    ['on', 'off'],
  ),
  ollamaUrl: text('http://127.0.0.1:11434', 'Where Ollama listens, for models named ollama:name.'),
  threads: number(1, 'threads', 1, 256, 'Threads each model uses.'),
  trainingEngine: text(
    'auto',
    'What a trainer and a judge of training runs compute with: auto, exact, native, torch (also torch:cuda, torch:bfloat16), or an execution provider of ONNX Runtime such as cuda or coreml. Exact runs take exact alone.',
  ),
  trainingThreads: number(
    0,
    'threads',
    0,
    256,
    'Threads that a trainer and a judge of training runs compute with, where the engine is not exact. 0: as many as the machine has.',
  ),
  trainingMemory: text(
    'check',
    'Whether a training run that needs more memory than this machine has free is refused before its bond: check, or ignore to try it all the same.',
    ['check', 'ignore'],
  ),
  python: text('python3', 'Python that has PyTorch, for the engine torch.'),
  beacon: text(
    'none',
    'Randomness beacon that the genesis of a network that `up` creates names, for weights locked to its rounds.',
    ['none', 'quicknet'],
  ),
  beaconUrls: text(
    '',
    "Where validators fetch the beacon's pulses, with commas between: each the start of a chain of drand's HTTP API, such as https://api.drand.sh/<chain hash>. Empty: they fetch none.",
  ),
  tasks: number(24, 'tasks', 4, 256, 'Tasks a validator gives each miner in an epoch.'),
  indexDatabase: text(
    '',
    'Where history for people is kept: a path of an SQLite file, a postgres:// URL, or off. Empty: in the data folder.',
  ),
  engine: text(
    'solo',
    'Who orders blocks: solo, the key of this node alone, or cometbft, all validators together.',
    ['solo', 'cometbft'],
  ),
  cometbft: text('', 'The CometBFT program. Empty: looked for, and built with Go when there is none.'),
  consensusListen: text('0.0.0.0:26656', 'Where validators and other nodes connect under CometBFT.'),
  consensusExternal: text(
    '',
    'Address others reach this node at under CometBFT, as host:port. Empty: where it listens.',
  ),
  peers: text('', 'Nodes that CometBFT stays connected to, as id@host:port, with commas between.'),
  seeds: text('', 'Nodes that CometBFT asks for others, as id@host:port, with commas between.'),
  retainBlocks: number(
    0,
    'blocks',
    0,
    1_000_000_000,
    'Latest blocks that CometBFT keeps for nodes that join; 0: all. Never fewer than evidence and the kept snapshots need. The history of this node stays whole.',
  ),
  snapshotBlocks: number(
    1_000,
    'blocks',
    0,
    1_000_000_000,
    'Blocks from one snapshot of the state to the next under CometBFT, for nodes that join; 0: only on request.',
  ),
  snapshotsKept: number(2, 'snapshots', 1, 10, 'Latest snapshots that are kept.'),
  snapshotMinutes: number(
    10,
    'minutes',
    1,
    1_440,
    'Longest that taking a snapshot may last; then it is given up until the next is due. The database grows meanwhile.',
  ),
  stateSyncServers: text(
    '',
    'Nodes whose headers and votes prove the snapshot that a node without blocks begins from, as http://host:port, with commas between. Empty: it executes all blocks.',
  ),
  trustHeight: number(0, 'height', 0, 1_000_000_000_000, 'Height of a block that state sync trusts.'),
  trustHash: text('', 'Hash of that block.'),
  traceCollector: text(
    '',
    'Collector that spans of gateway and miners are sent to as OTLP over HTTP, such as http://127.0.0.1:4318. Empty: none are made.',
  ),
  traceProviders: text(
    'on',
    'Whether providers get the trace of a request, under its seal. off: each gets a trace of its own.',
    ['on', 'off'],
  ),
  apiKey: text(
    '',
    'Key that clients off this machine, and pages of other origins, have to send as a Bearer token.',
  ),
  logLevel: text('info', 'Least level that is logged.', ['error', 'warn', 'info', 'debug']),
} as const satisfies Record<
  string,
  SettingDefinition<string> | SettingDefinition<number> | SettingDefinition<boolean>
>;

export type SettingName = keyof typeof SETTINGS;
export type Settings = {
  -readonly [K in SettingName]: (typeof SETTINGS)[K] extends SettingDefinition<infer T> ? T : never;
};
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** Settings that are never printed. */
export const SECRET_SETTINGS: readonly SettingName[] = ['apiKey', 'indexDatabase', 'stateSyncServers'];
