import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, hexToBytes, type Logger, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { RunTerms } from '@cairn/ledger';
import type { PaidRoundView, RunLedger, RunView, TensorTable } from '@cairn/protocol';
import { createRunLedger } from '@cairn/sdk';
import { assembleWeights, decodePageList, planOf, type Recipe, tensorsToState } from '@cairn/training';
import { NodeError } from '../../errors.ts';
import { startTrainerRole, type TrainerRole } from '../../roles/trainer-role.ts';
import { type MadeRun, makeRun } from '../create/make-run.ts';
import { startJudging } from '../judge/judge-runs.ts';
import type { RunDesk } from '../run/run-place.ts';
import { type LoopbackChain, startLoopbackChain } from './loopback-chain.ts';
import { openLoopbackPeer } from './loopback-peer.ts';

export interface LoopbackRunOptions {
  readonly recipe: Recipe;
  /** That paths of the recipe are relative to. */
  readonly folder: string;
  readonly trainers: number;
  /** Threads of each machine that computes, where the run is not exact. */
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly onRound?: (round: PaidRoundView, rounds: number) => void;
}

export interface LoopbackRun {
  readonly manifest: MadeRun['manifest'];
  readonly id: Uint8Array;
  /** All rounds as the ledger settled them. */
  readonly rounds: readonly PaidRoundView[];
  /** After the last round. */
  readonly root: Uint8Array;
  readonly weights: TensorTable;
}

/** Nobody is in a hurry: a machine with few cores lets its trainers wait for each other. */
const PATIENT_SLOTS = 1_000_000;
/** Why a run that began opens no further round, and none of those will pass. */
const STUCK: readonly RunView['reason'][] = ['noJudges', 'poolEmpty', 'ending'];
const BOND = PEBBLES_PER_CAIRN;
const REWARD = PEBBLES_PER_CAIRN / 1_000n;

/**
 * A whole run on this machine, to its last round: a chain of one operator, a validator that judges, and trainers that
 * are libp2p hosts of their own on loopback, each with a thread that computes. They are the roles that nodes run, and
 * what passes between them passes through sockets; only the ledger they read is in this process.
 *
 * @throws NodeError `START_FAILED` when a trainer stops; what making the run throws; the reason of an aborted `signal`
 */
export async function trainOnLoopback(options: LoopbackRunOptions): Promise<LoopbackRun> {
  const { recipe, threads, signal, log } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'cairn-loopback-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const chain = stack.use(await startLoopbackChain(log, options.trainers));
  const { parts } = chain;

  const open = async (name: string, known: readonly string[], donors: readonly string[]) =>
    stack.use(await openLoopbackPeer(parts, { folder: join(folder, name), known, donors, threads }));
  const owner = await open('owner', [], []);
  const known = [...owner.addresses];
  const { library } = owner.place;
  const made = await makeRun({ crypto: parts.crypto, library, signal }, recipe, options.folder);
  const ledger = createRunLedger({ ...parts, client: chain.owner });
  const id = await createRun(chain, ledger, made, options.trainers);
  for (const blob of library.blobsOf(made.id)) await library.share(bytesToHex(id), blob);
  const { name, hotkey } = chain.validator;
  stack.use(startJudging(parts, log.child(name), { client: hotkey, place: owner.place }));

  const roles: TrainerRole[] = [];
  for (const [index, wallet] of chain.trainers.entries()) {
    const trainer = `trainer-${index + 1}`;
    const { place, addresses } = await open(trainer, known, [owner.place.peer]);
    known.push(...addresses);
    const role = stack.use(
      await startTrainerRole(parts, {
        ...{ name: trainer, run: bytesToHex(id) },
        ...{ wallet, device: wallet, place },
      }),
    );
    roles.push(role);
  }
  const stopped = roles.map(async ({ ended, name: trainer }) => {
    await ended;
    throw stoppedBeforeTheEnd(trainer);
  });
  const rounds = await Promise.race([followRounds(ledger, id, options), ...stopped]);
  const run = (await ledger.run(id))!;
  const desk = await owner.place.desk(ledger, bytesToHex(id), log);
  const weights = await weightsOf(parts.crypto, desk, run);
  return { manifest: made.manifest, id, rounds, root: run.root, weights };
}

function createRun(
  { netuid }: LoopbackChain,
  ledger: RunLedger,
  { manifest, id, bytes }: MadeRun,
  trainers: number,
): Promise<Uint8Array> {
  const terms: RunTerms = {
    engine: manifest.engine,
    engineClass: manifest.engineClass.length > 0 ? manifest.engineClass : new Uint8Array(32),
    innerSteps: manifest.inner.steps,
    ...{ maxTrainSlots: PATIENT_SLOTS, minTrainSlots: PATIENT_SLOTS },
    ...{ showSlots: PATIENT_SLOTS, settleSlots: PATIENT_SLOTS },
    ...{ minTrainers: trainers, maxTrainers: trainers, reserves: 0, witnesses: trainers },
    ...{ bond: BOND, rewardPerRound: REWARD },
    ...{ vestSlots: 1, caseSlots: 60, appealSlots: 1, drawBps: 0 },
    checkpointEvery: manifest.checkpointEvery,
    rounds: manifest.rounds,
  };
  return ledger.create({
    ...{ netuid, terms, name: manifest.name },
    ...{ manifest: hexToBytes(id), manifestBytes: bytes.length, initialRoot: manifest.initial.root },
    ...{ maintainers: [], parent: null, parentModel: null },
    funds: REWARD * BigInt(manifest.rounds + 1),
  });
}

/** Waits for the last round. @returns all of them, from the first */
async function followRounds(
  ledger: RunLedger,
  id: Uint8Array,
  { recipe, signal, onRound }: LoopbackRunOptions,
): Promise<PaidRoundView[]> {
  const rounds: PaidRoundView[] = [];
  for await (const { run } of ledger.watch(id, signal)) {
    while (rounds.length + 1 < run.round) {
      const round = (await ledger.paidRound(id, rounds.length + 1))!;
      rounds.push(round);
      onRound?.(round, recipe.rounds);
    }
    if (rounds.length >= recipe.rounds) return rounds;
    if (run.phase !== 'cooldown' || rounds.length === 0) continue;
    if (STUCK.includes(run.reason)) throw stoppedBeforeTheEnd(`the run (${run.reason})`);
  }
  throw signal.reason;
}

/** The weights that the run has now, from the validator's machine. */
async function weightsOf(
  crypto: LoopbackChain['parts']['crypto'],
  { bring, compute, manifest }: RunDesk,
  run: RunView,
): Promise<TensorTable> {
  await bring(run, run.root, []);
  const root = bytesToHex(run.root);
  const list = decodePageList(await compute.list(root));
  const assembly = assembleWeights(crypto, list);
  for (const index of list.pages.keys()) assembly.put(index, await compute.page(root, index));
  return tensorsToState(planOf(manifest), assembly.weights()).weights;
}

function stoppedBeforeTheEnd(who: string): NodeError {
  return new NodeError(
    { code: 'START_FAILED', step: 'training' },
    `${who} stopped before the last round; what is above says why. Start it again.`,
  );
}
