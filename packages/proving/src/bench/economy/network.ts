import { type Crypto, utf8ToBytes } from '@cairn/core';
import {
  accounts,
  bonds,
  chainIdOf,
  createOverlay,
  epochs,
  FLOW_ZERO,
  firstSeed,
  type Genesis,
  genesisState,
  hotkeys,
  initialHyperparameters,
  markets,
  neurons,
  type Overlay,
  pendingCell,
  positions,
  readParameters,
  rowToBytes,
  type StateChange,
  saltCommitment,
  salts,
  scheduleCell,
  subnets,
  subnetsCell,
  supplyCell,
  tokenPools,
  tokenPositions,
  uids,
  weights,
} from '@cairn/ledger';
import { createSeededRandom, type SeededRandom } from '../../simulation/seeded-random.ts';
import { type Actor, createActor } from '../../town/actor.ts';

export interface NetworkSize {
  readonly subnets: number;
  /** Neurons of each subnet, validators among them. */
  readonly neurons: number;
  readonly validators: number;
  /** Slots between two epochs of a subnet. */
  readonly tempo: number;
  /** Accounts that trade. */
  readonly traders: number;
}

/** A whole network as it stands, and who can act in it. */
export interface BenchNetwork {
  readonly chainId: Uint8Array;
  readonly changes: readonly StateChange[];
  readonly timeMs: number;
  /** By subnet, ascending: the hotkeys of its validators, by uid. */
  readonly validators: readonly (readonly Actor[])[];
  readonly traders: readonly Actor[];
}

const CAIRN = 1_000_000_000n;
const START_MS = 1_700_000_000_000;
export const BENCH_SLOT_MS = 1_000;
const TRADER_FUNDS = 10_000n * CAIRN;
const POOL_CAIRN = 10_000n * CAIRN;
const POOL_TOKENS = 100_000n * CAIRN;

/** The salt of a validator's n-th commitment. */
export function benchSalt(crypto: Crypto, validator: Actor, n: number): Uint8Array {
  return crypto.sha256(Uint8Array.of(...validator.publicKey, n >> 8, n & 255));
}

/** A row that names every neuron. */
export function fullRow(count: number, random: SeededRandom) {
  const values = Uint16Array.from({ length: count }, () => 1 + random.below(65_535));
  return { uids: Uint16Array.from({ length: count }, (_, uid) => uid), values };
}

/**
 * A network in full swing, written into the state as its messages would have left it, since sending them would
 * take minutes: subnets full of neurons, each with its own coldkey, validators with tokens and CAIRN behind them
 * and weights on everyone, traders with CAIRN and tokens. All that is summed in the state agrees with its records.
 */
export function createBenchNetwork(crypto: Crypto, size: NetworkSize): BenchNetwork {
  const traders = Array.from({ length: size.traders }, (_, i) => createActor(crypto, `trader ${i}`));
  const genesis: Genesis = {
    name: 'cairn-bench',
    kind: 'local',
    timeMs: BigInt(START_MS),
    salt: new Uint8Array(32),
    parameters: [
      { name: 'slotMs', value: BigInt(BENCH_SLOT_MS) },
      { name: 'defaultTempo', value: BigInt(size.tempo) },
      { name: 'minTempo', value: BigInt(size.tempo) },
    ],
    validators: [],
    beacon: null,
    funds: traders.map(({ account }) => ({ account, amount: TRADER_FUNDS })),
  };
  const chainId = chainIdOf(crypto, genesis);
  const values = new Map(genesisState(crypto, genesis).map(({ key, value }) => [key, value]));
  const state = createOverlay({ get: (key) => values.get(key) ?? undefined });
  const random = createSeededRandom(11);
  const netuids = Array.from({ length: size.subnets }, (_, index) => index + 1);
  const validators = netuids.map((netuid) =>
    addSubnet({ crypto, chainId, state, size, netuid, traders, random }),
  );
  subnetsCell.set(state, {
    count: size.subnets,
    alive: size.subnets,
    lastLock: POOL_CAIRN,
    lastLockSlot: 0n,
  });
  pendingCell.set(
    state,
    netuids.map((netuid) => ({ netuid, amount: 0n })),
  );
  // Spread evenly over a tempo, the first due right after the first whole one.
  scheduleCell.set(
    state,
    netuids.map((netuid, index) => ({
      netuid,
      lastEpochSlot: BigInt(Math.floor((index * size.tempo) / size.subnets)),
      tempo: size.tempo,
    })),
  );
  for (const { key, value } of state.changes()) values.set(key, value);
  const changes = [...values].map(([key, value]) => ({ key, value }));
  return { chainId, changes, timeMs: START_MS, validators, traders };
}

interface SubnetParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly state: Overlay;
  readonly size: NetworkSize;
  readonly netuid: number;
  readonly traders: readonly Actor[];
  readonly random: SeededRandom;
}

function addSubnet(parts: SubnetParts): Actor[] {
  const { crypto, chainId, state, size, netuid, random } = parts;
  const parameters = readParameters(state);
  const owner = openAccount(state, createActor(crypto, `owner ${netuid}`));
  const members = Array.from({ length: size.neurons }, (_, uid) => createActor(crypto, `${netuid}/${uid}`));
  let outstanding = 0n;
  for (const [uid, member] of members.entries()) {
    const isValidator = uid < size.validators;
    const coldkey = openAccount(state, createActor(crypto, `${netuid}/${uid} coldkey`));
    const staked = isValidator ? BigInt(10 + random.below(90)) * CAIRN : 0n;
    hotkeys.set(state, member.account, {
      owner: coldkey,
      takeBps: 1_800,
      takeRaisedSlot: 0n,
      totalStake: staked,
      totalShares: staked,
      keptStake: 0n,
      keptShares: 0n,
      tokenPools: 0,
      neurons: 1,
      deposit: 0n,
    });
    uids.set(state, netuid, member.account, uid);
    neurons.set(state, netuid, uid, {
      hotkey: member.account,
      registeredSlot: 0n,
      lastUpdateSlot: 1n,
      permit: isValidator,
      consensus: 0,
      incentive: 0,
      dividends: 0,
      trust: 0,
      emission: 0n,
      missedReveals: 0,
      withheldEvidence: 0,
    });
    if (!isValidator) continue;
    const tokens = BigInt(100 + random.below(900)) * CAIRN;
    outstanding += tokens;
    moveSupply(state, { staked });
    positions.set(state, coldkey, member.account, { shares: staked, deposit: 0n });
    tokenPools.set(state, netuid, member.account, { totalStake: tokens, totalShares: tokens });
    tokenPositions.set(state, coldkey, netuid, member.account, { shares: tokens, deposit: 0n });
    addWeights(parts, member, uid);
  }
  moveSupply(state, { pooled: POOL_CAIRN });
  markets.set(state, netuid, {
    base: POOL_TOKENS,
    quote: POOL_CAIRN,
    quoteWeight: 500_000_000_000_000_000n,
    outstanding,
    burned: 0n,
    protocolBase: 0n,
    priceEma: 1n << 56n,
    startedSlot: 0n,
    minerBurned: 0n,
    userFlow: FLOW_ZERO,
    protocolFlow: FLOW_ZERO,
    userNet: FLOW_ZERO,
    protocolNet: FLOW_ZERO,
    burnCaused: 0n,
  });
  subnets.set(state, netuid, {
    name: `bench ${netuid}`,
    owner,
    locked: POOL_CAIRN,
    deposit: 0n,
    createdSlot: 0n,
    matchedSlot: 0n,
    neuronCount: size.neurons,
    burn: CAIRN,
    burnSlot: 0n,
    registrationHeight: 0n,
    registrationsAtHeight: 0,
    hyperparametersSlot: 0n,
    hyperparameters: { ...initialHyperparameters(parameters), weightsRateLimitSlots: 0, commitReveal: 0 },
    mechanisms: [{ part: 65_535, beganSlot: 0n, measure: null }],
    announcedParts: [],
    mechanismsSlot: 0n,
  });
  const seed = firstSeed(crypto, chainId, netuid, utf8ToBytes('bench'));
  epochs.set(state, netuid, { epoch: 1, seed, previousSeed: new Uint8Array(32), mixedSalts: 0 });
  return members.slice(0, size.validators);
}

function addWeights({ crypto, state, size, netuid, random }: SubnetParts, member: Actor, uid: number): void {
  const row = rowToBytes(fullRow(size.neurons, random));
  weights.set(state, netuid, uid, {
    row,
    slot: 1n,
    epoch: 0,
    scoredEpoch: 0,
    committedSlot: 1n,
    version: 0,
    evidenceRoot: new Uint8Array(32),
  });
  bonds.set(state, netuid, uid, row);
  salts.set(state, netuid, uid, {
    bound: [
      { commitment: saltCommitment(crypto, netuid, member.account, benchSalt(crypto, member, 0)), epoch: 0 },
    ],
    replacedEpoch: 0,
    mixed: new Uint8Array(32),
    mixedEpoch: 0,
  });
  // A validator sends its weights from its hotkey, which pays the fee.
  openAccount(state, member);
}

function openAccount(state: Overlay, { account }: Actor): Uint8Array {
  const deposit = 200_000n;
  const spendable = CAIRN;
  moveSupply(state, { circulating: spendable, escrowed: deposit });
  accounts.set(state, account, {
    nonce: 0n,
    spendable,
    deposit,
    records: 0,
    isKeyChanged: false,
    isFrozen: false,
  });
  return account;
}

function moveSupply(
  state: Overlay,
  added: { circulating?: bigint; staked?: bigint; pooled?: bigint; escrowed?: bigint },
): void {
  const supply = supplyCell.get(state);
  supplyCell.set(state, {
    ...supply,
    circulating: supply.circulating + (added.circulating ?? 0n),
    staked: supply.staked + (added.staked ?? 0n),
    pooled: supply.pooled + (added.pooled ?? 0n),
    escrowed: supply.escrowed + (added.escrowed ?? 0n),
  });
}
