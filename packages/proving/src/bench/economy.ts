import { createNativeCrypto } from '@cairn/chain';
import type { Crypto } from '@cairn/core';
import {
  type BlockInput,
  type BlockOutcome,
  clock,
  createLedger,
  epochs,
  MODULES,
  type Parsed,
  parseTransaction,
  saltCommitment,
} from '@cairn/ledger';
import { ProvingError } from '../errors.ts';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import { createWorld, type World } from '../simulation/world.ts';
import { type Actor, type ActorCall, wrapUnsigned } from '../town/actor.ts';
import { type Spent, timed } from './economy/clock.ts';
import {
  BENCH_SLOT_MS,
  type BenchNetwork,
  benchSalt,
  createBenchNetwork,
  fullRow,
  type NetworkSize,
} from './economy/network.ts';
import { type BenchFigure, figureOf } from './figure.ts';

export interface EconomyBenchOptions extends Partial<NetworkSize> {
  /** Blocks of swaps. @default 12 */
  readonly swapBlocks?: number;
  /** Swaps of one block, spread over the pools. @default 8_192 */
  readonly swapsPerBlock?: number;
  /** Timed reads of a metagraph. @default 50 */
  readonly reads?: number;
  /** Told of each block that was made. */
  readonly onProgress?: (done: number, total: number) => void;
}

const MEDIAN_TARGET_MS = 50;
const MAXIMUM_TARGET_MS = 250;
const METAGRAPH_TARGET_MS = 5;
const SWAPS_TARGET_PER_SECOND = 20_000;
/** As many slots as a block may accrue: the tempo before the first epochs passes in few blocks. */
/** Fewer than a pool takes in a block, for epochs put the dividends of root among them. */
const SWAPS_PER_POOL = 768;
const LONG_BLOCK_SLOTS = 10;

interface BlockOptions {
  /** @default 1 */
  readonly slots?: number;
  /** Whether its transactions were decoded before, as the mempool does when they arrive. */
  readonly isDecoded?: boolean;
}

/** One block after another on a network in memory. */
interface Bench {
  readonly crypto: Crypto;
  readonly network: BenchNetwork;
  readonly world: World;
  /** Executes a block of some slots; what it changes is kept and rooted, which `executing` leaves out. */
  block(
    calls: readonly ActorCall[],
    options?: BlockOptions,
  ): { readonly outcome: BlockOutcome; readonly spent: Spent; readonly executing: Spent };
}

function startBench(crypto: Crypto, size: NetworkSize): Bench {
  const network = createBenchNetwork(crypto, size);
  const world = createWorld(crypto);
  world.apply(network.changes);
  let known = new Map<Uint8Array, Parsed>();
  const ledger = createLedger({
    crypto,
    verified: { has: () => true },
    parse: (bytes) => known.get(bytes) ?? parseTransaction(crypto, bytes),
  });
  let { timeMs } = network;
  let height = 0;
  return {
    crypto,
    network,
    world,
    block(calls, { slots = 1, isDecoded = false } = {}) {
      const txs = calls.map((call) => wrapUnsigned(network.chainId, call));
      known = new Map(isDecoded ? txs.map((tx) => [tx, parseTransaction(crypto, tx)]) : []);
      timeMs += slots * BENCH_SLOT_MS;
      height += 1;
      const block: BlockInput = {
        height,
        timeMs,
        hash: crypto.sha256(Uint8Array.of(height & 255, (height >> 8) & 255)),
        proposer: new Uint8Array(32),
        votes: [],
        misbehavior: [],
        txs,
      };
      const { result: outcome, spent: executing } = timed(() => ledger.apply(world.view, block));
      const { spent: rooting } = timed(() => world.apply(outcome.changes));
      const spent = {
        wallMs: executing.wallMs + rooting.wallMs,
        cpuMs: executing.cpuMs + rooting.cpuMs,
      };
      const failed = outcome.results.find(({ ok }) => !ok)?.problem;
      if (failed != null) throw stopped(`${failed.code}: ${failed.message}`);
      return { outcome, spent, executing };
    },
  };
}

function stopped(reason: string): ProvingError {
  return new ProvingError({ code: 'BENCH_FAILED', reason }, `The economy bench stopped: ${reason}`);
}

/** Each validator sets full weights once in each epoch of its subnet; some of them in every block. */
function createWeightSetting({ crypto, network, world }: Bench, size: NetworkSize) {
  const random = createSeededRandom(3);
  const everyone = network.validators.flatMap((validators, index) =>
    validators.map((validator) => ({ netuid: index + 1, validator, revealed: 0 })),
  );
  // Half a tempo after its epoch, so that no set of weights meets the end of the epoch it is for.
  let next = everyone.length >> 1;
  return (share: number): ActorCall[] => {
    const count = Math.ceil(everyone.length * share);
    return Array.from({ length: count }, () => {
      const turn = everyone[next++ % everyone.length]!;
      const { netuid, validator } = turn;
      const { uids, values } = fullRow(size.neurons, random);
      turn.revealed += 1;
      const nextSalt = benchSalt(crypto, validator, turn.revealed);
      const message = {
        netuid,
        mechanism: 0,
        epoch: epochs.get(world.view, netuid)!.epoch,
        uids: [...uids],
        values: [...values],
        version: 0,
        evidenceRoot: new Uint8Array(32),
        salt: benchSalt(crypto, validator, turn.revealed - 1),
        nextSaltCommitment: saltCommitment(crypto, netuid, validator.account, nextSalt),
      };
      return { from: validator, name: 'yuma.setWeights', message };
    });
  };
}

function measureBlocks(bench: Bench, size: NetworkSize, onProgress: EconomyBenchOptions['onProgress']) {
  const total = 3 * size.tempo;
  for (let slot = 0; slot < size.tempo; slot += LONG_BLOCK_SLOTS)
    bench.block([], { slots: LONG_BLOCK_SLOTS });
  // One whole tempo warms the compiler up and gives every subnet bonds of its own.
  for (let slot = 0; slot < size.tempo; slot += 1) {
    bench.block([]);
    onProgress?.(slot, total);
  }
  const plain: Spent[] = [];
  let ran = 0;
  for (let slot = 0; slot < size.tempo; slot += 1) {
    const { outcome, spent } = bench.block([]);
    plain.push(spent);
    ran += outcome.events.filter(({ name }) => name === 'yuma.epochRan').length;
    onProgress?.(size.tempo + slot, total);
  }
  if (ran < size.subnets) throw stopped(`${ran} epochs ran in a tempo, there are ${size.subnets} subnets`);
  const setWeights = createWeightSetting(bench, size);
  const busy: Spent[] = [];
  for (let slot = 0; slot < size.tempo; slot += 1) {
    busy.push(bench.block(setWeights(1 / size.tempo)).spent);
    onProgress?.(2 * size.tempo + slot, total);
  }
  return { plain, busy };
}

function blockFigures(name: string, spent: readonly Spent[], hasTarget: boolean): BenchFigure[] {
  const cpu = spent.map(({ cpuMs }) => cpuMs);
  const wall = spent.map(({ wallMs }) => wallMs);
  const target = (ms: number) => (hasTarget ? ms : undefined);
  return [
    figureOf(`${name}, CPU`, 'ms', cpu, target(MEDIAN_TARGET_MS)),
    figureOf(`${name}, CPU, slowest block`, 'ms', [Math.max(...cpu)], target(MAXIMUM_TARGET_MS)),
    figureOf(`${name}, wall clock`, 'ms', wall),
  ];
}

function measureMetagraph({ world }: Bench, reads: number): BenchFigure {
  const query = MODULES.flatMap(({ queries }) => queries).find(({ name }) => name === 'subnets_metagraph')!;
  const context = { view: world.view, height: 1, slot: clock.get(world.view).slot };
  const wall = Array.from({ length: reads + 5 }, () => {
    const { spent } = timed(() => JSON.stringify(query.run(context, { netuid: 1, weights: false })));
    return spent.wallMs;
  });
  return figureOf('metagraph of one subnet, query to JSON text', 'ms', wall.slice(5), METAGRAPH_TARGET_MS);
}

/** Half buys, half sells, so that the reserves stay where they are. */
function swapCalls(traders: readonly Actor[], pools: number, count: number, round: number): ActorCall[] {
  return Array.from({ length: count }, (_, index) => {
    const from = traders[index % traders.length]!;
    const netuid = 1 + (index % pools);
    const isSell = round % 2 === 1;
    const bounds = { limitPrice: null, minOut: 0n, isPartialAllowed: true };
    return isSell
      ? { from, name: 'pools.sell', message: { netuid, amount: 5_000_000n, ...bounds } }
      : { from, name: 'pools.buy', message: { netuid, amount: 1_000_000n + BigInt(index), ...bounds } };
  });
}

function measureSwaps(bench: Bench, size: NetworkSize, blocks: number, perBlock: number): BenchFigure[] {
  const { traders } = bench.network;
  const pools = Math.min(size.subnets, Math.ceil(perBlock / SWAPS_PER_POOL));
  // The first two rounds open the records of holdings and warm the compiler up.
  for (let round = 0; round < 2; round += 1) bench.block(swapCalls(traders, pools, perBlock, round));
  const runs = (isDecoded: boolean) =>
    Array.from({ length: blocks }, (_, round) =>
      bench.block(swapCalls(traders, pools, perBlock, round), { isDecoded }),
    );
  const [decoded, whole] = [runs(true), runs(false)];
  const rates = (times: readonly Spent[], of: keyof Spent) =>
    times.map((time) => perBlock / (time[of] / 1_000));
  const executed = decoded.map(({ executing }) => executing);
  return [
    figureOf(
      'swaps executed and cleared, decoded before as by the mempool',
      'swaps/CPU s',
      rates(executed, 'cpuMs'),
      SWAPS_TARGET_PER_SECOND,
    ),
    figureOf('the same by the wall clock', 'swaps/s', rates(executed, 'wallMs')),
    figureOf(
      'the same, decoded within',
      'swaps/CPU s',
      rates(
        whole.map(({ executing }) => executing),
        'cpuMs',
      ),
    ),
    figureOf(
      'the same, decoded within, with the state root',
      'swaps/CPU s',
      rates(
        whole.map(({ spent }) => spent),
        'cpuMs',
      ),
    ),
  ];
}

/**
 * A network of many full subnets on the real ledger in memory, state root included: what its blocks cost over a
 * whole tempo, with epochs spread over it, without transactions and while every validator sets its weights again;
 * what reading a metagraph costs; how many swaps a core executes. Signatures are left out. Takes about a minute.
 *
 * @throws ProvingError `BENCH_FAILED` when the network does not do what is timed.
 */
export async function benchEconomy(options: EconomyBenchOptions = {}): Promise<BenchFigure[]> {
  const { swapBlocks = 12, swapsPerBlock = 8_192, reads = 50, onProgress } = options;
  const size: NetworkSize = {
    subnets: options.subnets ?? 128,
    neurons: options.neurons ?? 256,
    validators: options.validators ?? 64,
    tempo: options.tempo ?? 100,
    traders: options.traders ?? 1_024,
  };
  const crypto = createNativeCrypto();
  const bench = startBench(crypto, size);
  const { plain, busy } = measureBlocks(bench, size, onProgress);
  const metagraph = measureMetagraph(bench, reads);
  const swaps = measureSwaps(bench, size, swapBlocks, swapsPerBlock);
  const name = `blocks of ${size.subnets} x ${size.neurons} neurons x ${size.validators} validators`;
  return [
    ...blockFigures(name, plain, true),
    ...blockFigures('the same while all weights are set in a tempo', busy, false),
    metagraph,
    ...swaps,
  ];
}
