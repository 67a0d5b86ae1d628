import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AccountId, type Crypto, hexToBytes } from '@cairn/core';
import { type ModelCard, modelIdOf } from '@cairn/ledger';
import type { SelfTestCase } from '@cairn/protocol';

/** Folder of the models that come with Cairn. */
const BUNDLED_MODELS = fileURLToPath(new URL('../../../../models/', import.meta.url));

export type BundledVariant = 'default' | 'base';

/** A file of a bundled model and where it stands in the registry. */
export interface BundledArtifact {
  readonly path: string;
  readonly sha256: Uint8Array;
  readonly quantisation: string;
  readonly variant: BundledVariant;
}

export interface BundledCalibration {
  /** Of the card. */
  readonly model: Uint8Array;
  /** SHA-256 of the file. */
  readonly artifact: Uint8Array;
  /** As `cairn verify calibrate` wrote it. */
  readonly bytes: Uint8Array;
}

export interface BundledModels {
  /** The checkpoint it was made from first: a parent is registered before its child. */
  readonly cards: readonly {
    readonly variant: BundledVariant;
    readonly card: ModelCard;
    readonly id: Uint8Array;
  }[];
  readonly artifacts: readonly BundledArtifact[];
  /** What honest engines of a file differ by, of those that were measured. */
  readonly calibrations: readonly BundledCalibration[];
  readonly selfTest: SelfTestCase;
}

/** Sets of questions in `card.json`, and how the tasks of the card are called. */
const EVALUATION_SETS = {
  easy: 'crontab.easy',
  hard: 'crontab.hard',
  handWritten: 'crontab.hand-written',
} as const;
type EvaluationSet = keyof typeof EVALUATION_SETS;

/** What of `card.json` is needed here. */
interface CardFile {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly licence: string;
  readonly parameters: number;
  readonly languages: readonly string[];
  readonly context: { readonly allocatedTokens: number };
  readonly accuracy: {
    readonly results: readonly ({
      readonly variant: BundledVariant;
      readonly quantisation: string;
    } & Readonly<Record<EvaluationSet, readonly [right: number, trials: number]>>)[];
  };
  readonly artifacts: readonly {
    readonly file: string;
    readonly variant: BundledVariant;
    readonly quantisation: string;
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly merkleRoot: string;
    /** File with its calibration; absent: nobody measured it. */
    readonly calibration?: string;
  }[];
  readonly selfTest: { readonly question: string; readonly answer: string };
}

/** The bundled crontab model as `owner` registers it: the base checkpoint, and the default made from it. */
export async function readBundledModels(crypto: Crypto, owner: AccountId): Promise<BundledModels> {
  const folder = join(BUNDLED_MODELS, 'cairn-crontab');
  const file = JSON.parse(await readFile(join(folder, 'card.json'), 'utf8')) as CardFile;
  const base = createCard(file, owner, 'base', []);
  const baseId = modelIdOf(crypto, base);
  const main = createCard(file, owner, 'default', [baseId]);
  const mainId = modelIdOf(crypto, main);
  const measured = file.artifacts.flatMap(({ calibration, sha256, variant }) =>
    calibration === undefined ? [] : [{ calibration, sha256, variant }],
  );
  const calibrations = await Promise.all(
    measured.map(async ({ calibration, sha256, variant }) => ({
      model: variant === 'base' ? baseId : mainId,
      artifact: hexToBytes(sha256),
      bytes: new Uint8Array(await readFile(join(folder, calibration))),
    })),
  );
  return {
    cards: [
      { variant: 'base', card: base, id: baseId },
      { variant: 'default', card: main, id: mainId },
    ],
    calibrations,
    artifacts: file.artifacts.map(({ file: name, sha256, quantisation, variant }) => ({
      path: join(folder, name),
      sha256: hexToBytes(sha256),
      quantisation,
      variant,
    })),
    selfTest: {
      prompt: { kind: 'chat', messages: [{ role: 'user', content: file.selfTest.question }] },
      expected: file.selfTest.answer,
    },
  };
}

function createCard(
  file: CardFile,
  owner: AccountId,
  variant: BundledVariant,
  parents: Uint8Array[],
): ModelCard {
  return {
    name: variant === 'default' ? file.name : `${file.name}-${variant}`,
    version: file.version,
    owner,
    kind: 'chat',
    description:
      variant === 'default' ? file.description : `${file.description} An earlier, weaker checkpoint.`,
    artifacts: file.artifacts
      .filter((artifact) => artifact.variant === variant)
      .map(({ file: path, quantisation, sizeBytes, sha256, merkleRoot }) => ({
        path,
        format: 'gguf',
        quantisation,
        sizeBytes: BigInt(sizeBytes),
        sha256: hexToBytes(sha256),
        merkleRoot: hexToBytes(merkleRoot),
      })),
    parameters: BigInt(file.parameters),
    contextTokens: file.context.allocatedTokens,
    licence: file.licence,
    parents,
    capabilities: ['crontab'],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: ['crontab'],
    languages: [...file.languages],
    evaluations: claimsOf(file, variant),
  };
}

/** What was measured before it was bundled: our own word. */
function claimsOf({ artifacts, accuracy }: CardFile, variant: BundledVariant): ModelCard['evaluations'] {
  return accuracy.results
    .filter((result) => result.variant === variant)
    .flatMap((result) => {
      const { sha256 } = artifacts.find(
        (artifact) => artifact.variant === variant && artifact.quantisation === result.quantisation,
      )!;
      return (Object.keys(EVALUATION_SETS) as EvaluationSet[]).map((set) => ({
        artifact: hexToBytes(sha256),
        task: EVALUATION_SETS[set],
        right: result[set][0],
        trials: result[set][1],
        evidence: new Uint8Array(32),
      }));
    });
}
