import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesToHex, CairnError, type Crypto, hexToBytes, type Logger, type Random } from '@cairn/core';
import { type RunTerms, sumOfRoyalties } from '@cairn/ledger';
import type { LedgerReader, RunLedger, Tolerance } from '@cairn/protocol';
import { forecastTrainer, MAX_RECIPE_BYTES, parentOfRecipe, parseRecipe, type Recipe } from '@cairn/training';
import { freeMemory } from '@cairn/training/node';
import { readJsonFile, writeJsonFile } from '../../data/data-folder.ts';
import { NodeError } from '../../errors.ts';
import type { EngineChoice } from '../run/engine-choice.ts';
import type { RunPlace } from '../run/run-place.ts';
import { findParent, type RunParent } from './find-parent.ts';
import { type MadeRun, type MakeRunStep, makeRun } from './make-run.ts';

/** A run that is being made from a recipe, or was. */
export type Making =
  | { readonly state: 'working'; readonly step: MakeRunStep }
  | { readonly state: 'failed'; readonly code: string; readonly message: string }
  | { readonly state: 'made'; readonly facts: MadeFacts };

/** What a person wants to know before a run is put on the ledger. */
export interface MadeFacts {
  /** SHA-256 of the manifest, in hex. */
  readonly manifest: string;
  readonly name: string;
  readonly description: string;
  /** What it goes on from; null: random weights. */
  readonly parent: ParentFacts | null;
  readonly engine: 'exact' | 'tolerant';
  /** How far engines of a tolerant run may be apart; null: nothing of it is replayed, or all to the bit. */
  readonly tolerance: Tolerance | null;
  readonly parameters: number;
  readonly tokens: number;
  readonly heldOutTokens: number;
  readonly documents: number;
  readonly duplicates: number;
  readonly licences: readonly string[];
  readonly rounds: number;
  readonly steps: number;
  /** What one trainer needs, and what this machine has free. */
  readonly memoryBytes: number;
  readonly freeBytes: number;
}

/** The checkpoint that a run goes on from. */
export interface ParentFacts {
  /** In hex. */
  readonly run: string;
  readonly round: number;
  /** As what it was released, in hex and in words. */
  readonly model: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** What answers of models made from it pay to it and to what it was made from, in hundredths of a percent. */
  readonly royaltyBps: number;
}

/** Money and times of a run, which its recipe does not say. */
export interface RunOffer {
  readonly netuid: number;
  /** Pebbles. */
  readonly funds: bigint;
  readonly rewardPerRound: bigint;
  readonly bond: bigint;
  readonly minTrainers: number;
  readonly maxTrainers: number;
  /** Longest time to train a round, in slots. */
  readonly trainSlots: number;
}

export interface MadeRunsParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly log: Logger;
  readonly place: Pick<RunPlace, 'library' | 'fetch'>;
  readonly ledger: RunLedger;
  readonly chain: Pick<LedgerReader, 'query'>;
  /** Where the recipes of own runs are kept, for their releases. */
  readonly folder: string;
  readonly choice?: EngineChoice;
}

export interface MadeRuns {
  /** Begins to make a run from the recipe at a path. @returns what `making` is asked with */
  make(path: string): Promise<string>;
  making(id: string): Making | null;
  /** Puts a run that was made on the ledger. @returns its id in hex */
  create(manifest: string, offer: RunOffer): Promise<string>;
  /** The recipe of a run that this node created; null for others. */
  recipeOf(run: string): Promise<Recipe | null>;
}

/** Times of a run in slots. A case is heard until its pay vests. */
const SLOTS = { show: 40, settle: 30, vest: 300, case: 120, appeal: 20 };
const DRAW_BPS = 500;
const WITNESSES = 8;
/** Runs in the making that are remembered. */
const MOST = 16;

export function createMadeRuns(parts: MadeRunsParts): MadeRuns {
  const { crypto, random, place, ledger, folder, choice = {} } = parts;
  const { library } = place;
  const python = choice.python === undefined ? {} : { python: choice.python };
  const makings = new Map<string, Making>();
  const made = new Map<string, { readonly run: MadeRun; readonly recipe: Recipe }>();
  const pathOf = (run: string) => join(folder, `${run}.json`);

  async function work(id: string, path: string, text: string): Promise<void> {
    try {
      const onStep = (step: MakeRunStep) => makings.set(id, { state: 'working', step });
      const wanted = parentOfRecipe(text);
      if (wanted !== null) onStep('parent');
      const parent = wanted === null ? {} : { parent: await findParent(parts, wanted) };
      const recipe = parseRecipe(text, parent.parent?.manifest);
      const run = await makeRun({ crypto, library, onStep, ...python, ...parent }, recipe, dirname(path));
      made.set(run.id, { run, recipe });
      makings.set(id, { state: 'made', facts: factsOf(run, recipe) });
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      makings.set(id, { state: 'failed', code: error.code, message: error.message });
    }
  }

  return {
    async make(path) {
      const text = await readRecipe(path);
      const id = bytesToHex(random.bytes(8));
      makings.set(id, { state: 'working', step: 'tokenizer' });
      if (makings.size > MOST) makings.delete(makings.keys().next().value as string);
      work(id, path, text).catch((error: unknown) =>
        makings.set(id, { state: 'failed', code: 'UNKNOWN', message: String(error) }),
      );
      return id;
    },
    making: (id) => makings.get(id) ?? null,
    async create(id, offer) {
      const found = made.get(id);
      if (found === undefined) {
        throw new NodeError(
          { code: 'RUN_UNKNOWN', run: id },
          `This node has made no run with the manifest ${id}. Make it from its recipe again.`,
        );
      }
      const { run, recipe } = found;
      const { manifest } = run;
      const created = await ledger.create({
        netuid: offer.netuid,
        name: manifest.name,
        manifest: hexToBytes(id),
        manifestBytes: run.bytes.length,
        initialRoot: manifest.initial.root,
        terms: termsOf(run, offer),
        maintainers: [],
        parent: manifest.parent,
        parentModel: run.parent === null ? null : hexToBytes(run.parent.model.id),
        funds: offer.funds,
      });
      const name = bytesToHex(created);
      for (const blob of library.blobsOf(id)) await library.share(name, blob);
      await writeJsonFile(pathOf(name), recipe);
      return name;
    },
    recipeOf: async (run) => ((await readJsonFile(pathOf(run))) ?? null) as Recipe | null,
  };
}

async function readRecipe(path: string): Promise<string> {
  const refuse = (reason: string) =>
    new NodeError({ code: 'START_FAILED', step: 'recipe' }, `The recipe ${path} ${reason}.`);
  const facts = await stat(path).catch(() => null);
  if (facts === null) throw refuse('is not there');
  if (facts.size > MAX_RECIPE_BYTES) throw refuse(`is larger than ${MAX_RECIPE_BYTES} bytes`);
  return readFile(path, 'utf8');
}

function termsOf({ manifest }: MadeRun, offer: RunOffer): RunTerms {
  const isReplayed = manifest.engineClass.length > 0;
  return {
    engine: manifest.engine,
    engineClass: isReplayed ? manifest.engineClass : new Uint8Array(32),
    innerSteps: manifest.inner.steps,
    maxTrainSlots: offer.trainSlots,
    minTrainSlots: Math.min(10, offer.trainSlots),
    showSlots: SLOTS.show,
    settleSlots: SLOTS.settle,
    minTrainers: offer.minTrainers,
    maxTrainers: offer.maxTrainers,
    reserves: Math.min(2, offer.maxTrainers),
    witnesses: WITNESSES,
    bond: offer.bond,
    rewardPerRound: offer.rewardPerRound,
    vestSlots: SLOTS.vest,
    caseSlots: SLOTS.case,
    appealSlots: SLOTS.appeal,
    drawBps: isReplayed ? DRAW_BPS : 0,
    checkpointEvery: manifest.checkpointEvery,
    rounds: manifest.rounds,
  };
}

function factsOf({ manifest, id, parameters, facts, parent }: MadeRun, recipe: Recipe): MadeFacts {
  return {
    manifest: id,
    name: recipe.name,
    description: recipe.description,
    parent: parent === null ? null : factsOfParent(parent),
    engine: manifest.engine,
    tolerance: manifest.tolerance ?? null,
    parameters,
    tokens: manifest.data.reduce((sum, { tokens }) => sum + tokens, 0),
    heldOutTokens: manifest.heldOut.tokens,
    documents: facts.documents,
    duplicates: facts.duplicates + facts.nearDuplicates,
    licences: [...new Set(manifest.data.map(({ licence }) => licence))],
    rounds: manifest.rounds,
    steps: manifest.inner.steps,
    memoryBytes: forecastTrainer(manifest).total,
    freeBytes: freeMemory(),
  };
}

function factsOfParent({ run, round, model }: RunParent): ParentFacts {
  const { name, version, licence } = model.card;
  return {
    ...{ run: bytesToHex(run.id), round, model: model.id, name, version, licence },
    royaltyBps: sumOfRoyalties(model.royalties),
  };
}
