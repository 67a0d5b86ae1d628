import { createNativeCrypto } from '@cairn/chain';
import { bytesToHex, utf8ToBytes } from '@cairn/core';
import {
  accounts,
  type BlockInput,
  chainIdOf,
  createLedger,
  type Genesis,
  genesisState,
  MODULES,
} from '@cairn/ledger';
import { type BenchSender, createSender } from '../bench/transfers.ts';
import { ProvingError } from '../errors.ts';
import type { CallGenerator, SimulationScene } from './generator.ts';
import { GENERATORS } from './generators/index.ts';
import { SIMULATED_BEACON } from './generators/timelock.ts';
import { brokenInvariants } from './invariants.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { signCall } from './sign-call.ts';
import { traceOfFailure } from './traces.ts';
import { createWorld } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly blocks: number;
  /** Most transactions of one block. @default 24 */
  readonly transactionsPerBlock?: number;
  /** @default 12 */
  readonly people?: number;
  /** Told of each block before it is applied, and of the genesis it all begins with. */
  readonly onBlock?: (block: BlockInput, genesis: Genesis) => void;
}

export interface SimulationResult {
  readonly seed: number;
  /** Hex root after each block. */
  readonly roots: readonly string[];
  /** Transactions that did what they said, by module. */
  readonly done: Readonly<Record<string, number>>;
  /** Refusals by code. */
  readonly refused: Readonly<Record<string, number>>;
}

const START_MS = 1_700_000_000_000;
const SLOT_MS = 1_000;

function genesisOf(people: readonly BenchSender[]): Genesis {
  return {
    name: 'cairn-simulation',
    kind: 'local',
    timeMs: BigInt(START_MS),
    salt: new Uint8Array(32),
    parameters: [
      { name: 'slotMs', value: BigInt(SLOT_MS) },
      { name: 'subnetLockMin', value: 1_000_000_000n },
      { name: 'subnetLockReductionSlots', value: 20n },
      { name: 'subnetLimit', value: 4n },
      { name: 'networkImmunitySlots', value: 30n },
      { name: 'evictionNoticeSlots', value: 20n },
      { name: 'evictionNoticeLimit', value: 2n },
      { name: 'dissolutionNoticeSlots', value: 20n },
      { name: 'defaultTempo', value: 8n },
      { name: 'minTempo', value: 5n },
      { name: 'defaultWeightsRateLimitSlots', value: 1n },
      { name: 'hyperparameterFreezeSlots', value: 2n },
      { name: 'channelDisputeBlocks', value: 4n },
      { name: 'validatorEpochSlots', value: 5n },
      { name: 'validatorMinStake', value: 1_000_000n },
      { name: 'keyChangeDelaySlots', value: 6n },
      { name: 'recoveryDelaySlots', value: 4n },
      { name: 'keyFreezeSlots', value: 8n },
      { name: 'subKeyDaySlots', value: 10n },
      { name: 'unbondingSlots', value: 12n },
      { name: 'releasesPerBlock', value: 3n },
      { name: 'stakeUnlockSlots', value: 10n },
      { name: 'stakeMaturitySlots', value: 8n },
      { name: 'childrenDelaySlots', value: 8n },
      { name: 'childrenRateLimitSlots', value: 3n },
      { name: 'takeRaiseSlots', value: 10n },
      { name: 'crowdfundMinSlots', value: 2n },
      { name: 'crowdfundFinaliseSlots', value: 4n },
      { name: 'votingSlots', value: 12n },
      { name: 'pauseVotingSlots', value: 6n },
      { name: 'convictionSlots', value: 5n },
      { name: 'parameterTimeLockSlots', value: 3n },
      { name: 'grantTimeLockSlots', value: 2n },
      { name: 'ruleTimeLockSlots', value: 4n },
      { name: 'councilDelaySlots', value: 3n },
    ],
    validators: people
      .slice(0, 2)
      .map(({ publicKey, account }) => ({ publicKey, account, power: 10_000_000n })),
    beacon: SIMULATED_BEACON,
    funds: people.map(({ account }, i) => ({ account, amount: BigInt(i + 1) * 5_000_000_000_000n })),
  };
}

function chooseGenerator(random: SeededRandom): CallGenerator {
  let ticket = random.below(GENERATORS.reduce((total, { weight }) => total + weight, 0));
  for (const generator of GENERATORS) {
    ticket -= generator.weight;
    if (ticket < 0) return generator;
  }
  return GENERATORS[0]!;
}

const moduleOf = new Map(
  MODULES.flatMap(({ name, messages }) => messages.map(({ id }) => [id, name] as const)),
);

/**
 * Sends random valid and invalid transactions of every module through the ledger and checks after each
 * block what must always hold: the supply is conserved and under the cap, pools and positions agree,
 * nonces only rise and by the transactions sent, a failed transaction leaves its fee and nonce only.
 * The same seed gives the same roots.
 *
 * @throws ProvingError `INVARIANT_BROKEN` with seed and height.
 */
export function simulateLedger(options: SimulationOptions): SimulationResult {
  const { seed, blocks, transactionsPerBlock = 24, people: count = 12, onBlock } = options;
  const crypto = createNativeCrypto();
  const random = createSeededRandom(seed);
  const people = Array.from({ length: count }, (_, i) => createSender(crypto, `simulation ${i}`));
  const genesis = genesisOf(people);
  const chainId = chainIdOf(crypto, genesis);
  const ledger = createLedger({ crypto });
  const world = createWorld(crypto);
  world.apply(genesisState(crypto, genesis));
  const lists = new Map<string, string[]>();
  const ids = (name: string): string[] => {
    const list = lists.get(name) ?? [];
    lists.set(name, list);
    return list;
  };
  const roots: string[] = [];
  const done: Record<string, number> = {};
  const refused: Record<string, number> = {};
  let timeMs = START_MS;

  for (let height = 1; height <= blocks; height++) {
    const fail = (reason: string) =>
      new ProvingError(
        { code: 'INVARIANT_BROKEN', seed, height, reason },
        `Simulation with seed ${seed}, block ${height}: ${reason}.`,
      );
    timeMs += 1 + random.below(random.oneIn(10) ? 30 * SLOT_MS : 2 * SLOT_MS);
    const scene: SimulationScene = { crypto, chainId, view: world.view, random, people, height, ids };
    const nonces = new Map(people.map((person) => [person, accounts.get(world.view, person.account)?.nonce]));
    const sent = new Map<BenchSender, bigint>();
    const calls = Array.from({ length: random.below(transactionsPerBlock + 1) }, () => {
      const call = chooseGenerator(random).call(scene);
      const nonce = (nonces.get(call.sender) ?? 0n) + (sent.get(call.sender) ?? 0n);
      const signed = signCall(scene, call, nonce);
      if (signed.isSound) sent.set(call.sender, (sent.get(call.sender) ?? 0n) + 1n);
      return { ...signed, call };
    });
    const block: BlockInput = {
      height,
      timeMs,
      hash: crypto.sha256(utf8ToBytes(`${seed}/${height}`)),
      proposer: random.pick(people).account,
      votes: people.map(({ account }) => ({ validator: account, signed: !random.oneIn(3) })),
      misbehavior: random.oneIn(20)
        ? [{ validator: random.pick(people).account, height, kind: 'duplicateVote' }]
        : [],
      txs: calls.map(({ tx }) => tx),
    };
    onBlock?.(block, genesis);
    const outcome = ledger.apply(world.view, block);
    const taken = new Map<BenchSender, bigint>();
    for (const [i, { ok, fee, problem }] of outcome.results.entries()) {
      const { call } = calls[i]!;
      if (ok || fee > 0n) taken.set(call.sender, (taken.get(call.sender) ?? 0n) + 1n);
      if (ok) {
        const module = moduleOf.get(call.messageId)!;
        done[module] = (done[module] ?? 0) + 1;
      } else {
        const code = problem!.code;
        refused[code] = (refused[code] ?? 0) + 1;
      }
    }
    if (calls.length > 0) {
      const trace = traceOfFailure(crypto, ledger, world.view, block, random.pick(calls).tx);
      if (trace !== null) throw fail(trace);
    }
    roots.push(bytesToHex(world.apply(outcome.changes)));
    for (const reason of brokenInvariants(world.view)) throw fail(reason);
    for (const [person, before] of nonces) {
      const after = accounts.get(world.view, person.account)?.nonce;
      if (before === undefined || after === undefined) continue;
      const isReopened = after >= BigInt(height) << 20n;
      if (!isReopened && after !== before + (taken.get(person) ?? 0n)) {
        throw fail(`nonce ${before} became ${after} after ${taken.get(person) ?? 0n} transactions`);
      }
    }
  }
  return { seed, roots, done, refused };
}
