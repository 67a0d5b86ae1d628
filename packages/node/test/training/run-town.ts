import { createManualTime, createMemoryStore, openChain } from '@cairn/chain';
import { bytesToHex, hexToBytes, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { RunTerms } from '@cairn/ledger';
import { createMemoryNetwork, type MemoryNetworkOptions } from '@cairn/network';
import type { PeerName, RunManifest, Timer } from '@cairn/protocol';
import { createAccountClient, createRunLedger, createRunReader } from '@cairn/sdk';
import { onTestFinished } from 'vitest';
import { createMetrics } from '../../src/real/metrics.ts';
import { systemTimer } from '../../src/real/timer.ts';
import type { NodeParts } from '../../src/roles/parts.ts';
import { startTrainerRole, type TrainerRoleOptions } from '../../src/roles/trainer-role.ts';
import { makeRun } from '../../src/training/create/make-run.ts';
import { startJudging } from '../../src/training/judge/judge-runs.ts';
import type { EngineChoice } from '../../src/training/run/engine-choice.ts';
import { openRunPlace, type RunPlace } from '../../src/training/run/run-place.ts';
import { bootstrapSubnet, createLocalAccounts } from '../../src/up/bootstrap.ts';
import type { LocalKeys } from '../../src/up/local-keys.ts';
import { aFolder, aRecordStore } from '../data/parts.ts';
import { aLog, aSigner, crypto } from '../rpc/parts.ts';
import { aRandom, roleKey, workerKeys } from '../validator/cast.ts';
import { aRecipe, writeTexts } from './run/parts.ts';

const START_MS = 1_700_000_000_000;
const MUCH = 20_000n * PEBBLES_PER_CAIRN;

export interface RunTownOptions {
  /** @default 1 */
  readonly validators?: number;
  /** Wallets with money. @default 8 */
  readonly trainers?: number;
  readonly recipe?: object;
  readonly terms?: Partial<RunTerms>;
  /** What happens to frames between machines. @default all pass */
  readonly onFrame?: MemoryNetworkOptions['onFrame'];
  /** Whether the validators judge. @default true */
  readonly isJudged?: boolean;
  /** What a validator's machine is instead. */
  readonly judgePlace?: (place: RunPlace) => RunPlace;
}

/**
 * Threads compute in their own time, so what waits for them waits for real; looks come ten times as often as a node's,
 * and nobody is given up whom a busy machine holds up.
 */
const quickTimer: Timer = {
  schedule: (ms, run) => systemTimer.schedule(ms < 10_000 ? ms / 10 : ms * 6, run),
};

/** Terms of a run in which nobody is late. */
export const townTerms = (manifest: RunManifest): RunTerms => ({
  engine: manifest.engine,
  engineClass: manifest.engineClass.length > 0 ? manifest.engineClass : new Uint8Array(32),
  innerSteps: manifest.inner.steps,
  maxTrainSlots: 400,
  // A slot passes with each block, and each commitment is in a block: who commits last is still in time.
  minTrainSlots: 50,
  showSlots: 400,
  settleSlots: 400,
  minTrainers: 2,
  maxTrainers: 8,
  reserves: 0,
  witnesses: 8,
  bond: 10n * PEBBLES_PER_CAIRN,
  rewardPerRound: PEBBLES_PER_CAIRN,
  vestSlots: 1_000,
  caseSlots: 400,
  appealSlots: 5,
  drawBps: 0,
  checkpointEvery: manifest.checkpointEvery,
  rounds: 0,
});

/**
 * A training run on a real chain whose time stands still while threads compute: a block comes when something waits to
 * enter it, and slots pass when a test says so.
 */
export async function aRunTown({
  validators = 1,
  trainers = 8,
  recipe = {},
  terms = {},
  onFrame,
  isJudged = true,
  judgePlace = (place) => place,
}: RunTownOptions = {}) {
  const keys: LocalKeys = {
    owner: roleKey(aSigner('owner')),
    consensus: roleKey(aSigner('consensus')),
    gateway: roleKey(aSigner('gateway')),
    miners: [],
    validators: Array.from({ length: validators }, (_, index) => workerKeys(`validator-${index}`)),
  };
  const trainerKeys = Array.from({ length: trainers }, (_, index) => roleKey(aSigner(`trainer ${index}`)));
  const time = createManualTime(START_MS + 1_000);
  const log = aLog();
  const funded = [
    ...[keys.owner, ...trainerKeys],
    ...keys.validators.flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]),
  ];
  const chain = await openChain(
    {
      ...{ crypto, clock: time.clock, timer: time.timer, logger: log },
      signer: keys.owner.signer,
      store: createMemoryStore(),
    },
    {
      folder: '/none',
      genesis: {
        name: 'cairn-test',
        kind: 'local',
        timeMs: BigInt(START_MS),
        salt: new Uint8Array(32),
        parameters: Object.entries({ slotMs: 1_000n, minTempo: 5n, defaultTempo: 1_000n }).map(
          ([name, value]) => ({ name, value }),
        ),
        validators: [],
        beacon: null,
        funds: funded.map(({ account }) => ({ account, amount: MUCH })),
      },
    },
  );
  onTestFinished(() => chain.close());
  const network = createMemoryNetwork(onFrame === undefined ? {} : { onFrame });
  const parts: NodeParts = {
    ...{
      crypto,
      log,
      clock: time.clock,
      random: aRandom('town'),
      timer: quickTimer,
      metrics: createMetrics(),
    },
    chainId: hexToBytes(chain.ledger.chainId),
    ledger: chain.ledger,
  };

  async function block(): Promise<void> {
    await time.advance(1_000);
    await chain.engine.produceBlock();
  }
  let isOver = false;
  /** Makes blocks as long as something waits to enter one. */
  const pumping = (async () => {
    while (!isOver) {
      if ((await chain.ledger.status()).waiting > 0) await block();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  onTestFinished(async () => {
    isOver = true;
    await pumping;
  });

  const accounts = createLocalAccounts(parts, keys);
  const netuid = await bootstrapSubnet(parts, keys, accounts);
  const places = new Map<string, ReturnType<typeof openRunPlace>>();

  /** A machine: its library under a name among the peers. What it has on disk outlives it. */
  function aMachine(
    name: string,
    disk = { folder: aFolder(), records: aRecordStore() },
    choice: EngineChoice = {},
    freeBytes?: number,
  ) {
    const place = openRunPlace(parts, {
      ...disk,
      choice,
      ...(freeBytes === undefined ? {} : { freeBytes: () => freeBytes }),
      transport: network.join(name),
      donors: () => ['owner', ...places.keys()].filter((each): each is PeerName => each !== name),
    });
    places.set(name, place);
    let isGone = false;
    const stop = async () => {
      if (isGone) return;
      isGone = true;
      places.delete(name);
      await place[Symbol.asyncDispose]();
    };
    onTestFinished(stop);
    return { place, disk, stop };
  }

  const owner = aMachine('owner');
  const folder = aFolder();
  writeTexts(folder);
  const made = await makeRun({ crypto, library: owner.place.library }, aRecipe(recipe), folder);
  const ownerLedger = createRunLedger({ ...parts, client: accounts.owner });
  const { manifest } = made;
  const id = await ownerLedger.create({
    netuid,
    name: manifest.name,
    manifest: hexToBytes(made.id),
    manifestBytes: made.bytes.length,
    initialRoot: manifest.initial.root,
    terms: { ...townTerms(manifest), ...terms },
    maintainers: [],
    parent: null,
    parentModel: null,
    funds: 100n * PEBBLES_PER_CAIRN,
  });
  const reader = createRunReader(chain.ledger);
  const judges = (isJudged ? keys.validators : []).map(({ name, hotkey }) => {
    const { place } = aMachine(name);
    const judging = startJudging(parts, log, {
      ...{ netuid, place: judgePlace(place) },
      client: accounts.workers.get(name)!.hotkey,
    });
    onTestFinished(() => judging[Symbol.asyncDispose]());
    return { name, hotkey, place };
  });

  /** A trainer at a machine that others may use too, with its own wallet. */
  async function aRole(index: number, place: RunPlace, more: Partial<TrainerRoleOptions> = {}) {
    const wallet = createAccountClient({ crypto, signer: trainerKeys[index]!.signer, ledger: chain.ledger });
    const role = await startTrainerRole(parts, {
      ...{ name: `trainer-${index}`, wallet, device: wallet, run: bytesToHex(id), place },
      ...more,
    });
    onTestFinished(() => role[Symbol.asyncDispose]());
    return role;
  }

  /** A machine that trains, with its own wallet. */
  async function aTrainer(
    index: number,
    more: Partial<TrainerRoleOptions> & {
      disk?: ReturnType<typeof aMachine>['disk'];
      choice?: EngineChoice;
    } = {},
  ) {
    const { disk: given, choice, ...options } = more;
    const machine = aMachine(`trainer-${index}`, given, choice);
    const role = await aRole(index, machine.place, options);
    const stopMachine = machine.stop;
    const stop = async () => {
      await role[Symbol.asyncDispose]();
      await stopMachine();
    };
    onTestFinished(stop);
    return { ...machine, role, stop, account: trainerKeys[index]!.account };
  }

  const run = async () => (await reader.run(id))!;
  const round = async () => (await reader.round(id))!;
  /** Waits until it is so. Time does not pass meanwhile. */
  async function until(what: string, isSo: () => boolean | Promise<boolean>, mostMs = 50_000): Promise<void> {
    const end = performance.now() + mostMs;
    while (!(await isSo())) {
      if (performance.now() > end)
        throw new Error(`It did not come to be: ${what}\n${log.lines.slice(-25).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  /** Slots pass. A block takes in ten of them at most. */
  async function pass(slots: number): Promise<void> {
    await time.advance((slots - 1) * 1_000);
    for (let left = slots - 1; left > 10; left -= 10) await chain.engine.produceBlock();
    await block();
  }
  return {
    ...{ chain, parts, log, network, keys, accounts, netuid, owner, ownerLedger, made, id, reader, judges },
    ...{ aTrainer, aRole, aMachine, run, round, until, pass, block, trainerKeys },
  };
}
