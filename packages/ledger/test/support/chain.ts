import {
  type AccountId,
  accountIdOf,
  authorize,
  createEd25519Signer,
  createPureCrypto,
  encode,
  PEBBLES_PER_CAIRN,
} from '@cairn/core';
import {
  accounts,
  type BlockInput,
  type BlockOutcome,
  chainIdOf,
  createLedger,
  createOverlay,
  epochs,
  type Genesis,
  genesisState,
  holdings,
  hotkeySignBytes,
  type ListableView,
  MODULES,
  markets,
  type StateChange,
  supplyCell,
  transactionToBytes,
} from '../../src/index.ts';

export const CAIRN = PEBBLES_PER_CAIRN;
const SLOT_MS = 1_000;
const START_MS = 1_700_000_000_000;

const crypto = createPureCrypto();
// Signatures of transactions have their own tests; here they are taken as found good.
const ledger = createLedger({ crypto, verified: { has: () => true } });

/** A key with its account. */
export interface TestKey {
  readonly account: AccountId;
  readonly publicKey: Uint8Array;
  readonly seed: Uint8Array;
}

/** The key of a number. */
export function aKey(number: number): TestKey {
  const seed = crypto.sha256(Uint8Array.of(number >> 8, number & 0xff));
  const { publicKey } = createEd25519Signer(seed);
  return { seed, publicKey, account: accountIdOf(crypto, 'ed25519', publicKey) };
}

/** A hotkey's agreement to a coldkey. */
export async function agreement(chainId: Uint8Array, hotkey: TestKey, coldkey: AccountId) {
  return authorize(createEd25519Signer(hotkey.seed), hotkeySignBytes(chainId, coldkey));
}

/** A message by name, from a key. */
export interface Call {
  readonly from: TestKey;
  readonly name: string;
  readonly message: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: messages have no narrower common type
const MESSAGES = new Map<string, any>(
  MODULES.flatMap((module) => module.messages).map((message) => [message.name, message]),
);
const QUERIES = new Map(MODULES.flatMap((module) => module.queries).map((query) => [query.name, query]));

const DEFAULT_PARAMETERS: Record<string, bigint> = {
  slotMs: BigInt(SLOT_MS),
  defaultTempo: 20n,
  minTempo: 5n,
  defaultWeightsRateLimitSlots: 5n,
  defaultRegistrationsPerBlock: 16n,
  hyperparameterFreezeSlots: 2n,
  fullPriceIssuance: 1n,
  // Figures of most tests are of equal shares; the rules have tests of their own.
  emissionShareRule: 1n,
  // Tests of the treasury set a share; to all others it would only shift figures.
  treasuryShareBps: 0n,
  // So is waiting for what was unstaked.
  unbondingSlots: 0n,
};

export interface TestChainOptions {
  /** Keys that start with 100,000 CAIRN each. */
  readonly funded: readonly TestKey[];
  readonly parameters?: Record<string, bigint>;
  /** Who votes from the start. @default nobody */
  readonly validators?: Genesis['validators'];
  /** Who proposes every block. @default the first funded key */
  readonly proposer?: TestKey;
  /** A real network funds nobody. @default 'local' */
  readonly kind?: Genesis['kind'];
  /** The randomness beacon of the network. @default none */
  readonly beacon?: Genesis['beacon'];
}

/** Messages that name the epoch they are of. */
const EPOCH_NAMING = new Set(['yuma.setWeights', 'yuma.attestEvidence']);

/** What consensus reports beside the transactions. */
export type Seen = Partial<Pick<BlockInput, 'votes' | 'misbehavior'>>;

/** A ledger over a memory store with blocks made by hand. */
export function aChain(options: TestChainOptions) {
  const {
    funded,
    parameters = {},
    validators = [],
    proposer = funded[0]!,
    kind = 'local',
    beacon = null,
  } = options;
  const genesis: Genesis = {
    name: 'test',
    kind,
    timeMs: BigInt(START_MS),
    salt: new Uint8Array(32),
    parameters: Object.entries({ ...DEFAULT_PARAMETERS, ...parameters }).map(([name, value]) => ({
      name,
      value,
    })),
    validators,
    funds: funded.map((key) => ({ account: key.account, amount: 100_000n * CAIRN })),
    beacon,
  };
  const chainId = chainIdOf(crypto, genesis);
  const store = new Map<string, Uint8Array>();
  const keep = (changes: readonly StateChange[]) => {
    for (const { key, value } of changes) {
      if (value === null) store.delete(key);
      else store.set(key, value);
    }
  };
  keep(genesisState(crypto, genesis));
  const view: ListableView = {
    get: (key) => store.get(key),
    *keys(prefix, after) {
      for (const key of [...store.keys()].sort()) {
        if (key.startsWith(prefix) && (after === undefined || key > after)) yield key;
      }
    },
  };
  let height = 0;
  let timeMs = START_MS;

  /** A test that names no epoch means the current one, and one that names no mechanism the first. */
  function ofThisEpoch(message: unknown): unknown {
    const { netuid } = message as { netuid: number };
    return { epoch: epochs.get(view, netuid)?.epoch ?? 1, mechanism: 0, ...(message as object) };
  }

  function execute(calls: readonly Call[], slots: number, seen: Seen = {}): BlockOutcome {
    const sent = new Map<TestKey, bigint>();
    const txs = calls.map(({ from, name, message }) => {
      const definition = MESSAGES.get(name);
      const before = sent.get(from) ?? 0n;
      sent.set(from, before + 1n);
      return transactionToBytes({
        body: {
          chainId,
          sender: from.account,
          nonce: (accounts.get(view, from.account)?.nonce ?? 0n) + before,
          maxFee: 10n * CAIRN,
          tip: 0n,
          validUntil: 0n,
          messageId: definition.id,
          message: encode(definition.shape, EPOCH_NAMING.has(name) ? ofThisEpoch(message) : message),
        },
        authorization: { scheme: 'ed25519', publicKey: from.publicKey, signature: new Uint8Array(64) },
      });
    });
    return ledger.apply(view, {
      height: height + 1,
      timeMs: timeMs + slots * SLOT_MS,
      hash: crypto.sha256(Uint8Array.of((height + 1) >> 8, (height + 1) & 0xff)),
      proposer: proposer.account,
      votes: seen.votes ?? [],
      misbehavior: seen.misbehavior ?? [],
      txs,
    });
  }

  /** One block, `slots` after the last. */
  function block(calls: readonly Call[] = [], slots = 1, seen: Seen = {}): BlockOutcome {
    const outcome = execute(calls, slots, seen);
    height += 1;
    timeMs += slots * SLOT_MS;
    keep(outcome.changes);
    return outcome;
  }

  return {
    chainId,
    view,
    store,
    block,
    /** What a block would do, without keeping it. */
    preview: (calls: readonly Call[] = [], slots = 1) => execute(calls, slots),
    /** Empty blocks of one slot each. */
    advance: (blocks: number): BlockOutcome[] => Array.from({ length: blocks }, () => block()),
    /** One call alone in a block: its problem's code, or null. */
    send(from: TestKey, name: string, message: unknown): string | null {
      return block([{ from, name, message }]).results[0]!.problem?.code ?? null;
    },
    // biome-ignore lint/suspicious/noExplicitAny: results are JSON
    query(name: string, params: unknown): any {
      const definition = QUERIES.get(name)!;
      const slot = BigInt(height);
      return definition.run({ view, height, slot }, definition.params.fromJson(params));
    },
    supply: () => supplyCell.get(view),
    /** Height of the latest block. */
    height: () => height,
    /** Tokens of a subnet in an account, not staked. */
    tokens: (key: TestKey, netuid = 1) => holdings.get(view, key.account, netuid)?.amount ?? 0n,
    market: (netuid = 1) => markets.get(view, netuid)!,
    spendable: (key: TestKey) => accounts.get(view, key.account)?.spendable ?? 0n,
    /** Writes state directly, for what no transaction can bring about. */
    edit(change: (state: ReturnType<typeof createOverlay>) => void): void {
      const state = createOverlay(view);
      change(state);
      keep(state.changes());
    },
  };
}
export type TestChain = ReturnType<typeof aChain>;
export { crypto as testCrypto };
