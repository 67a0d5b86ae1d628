import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AccountId, accountIdToAddress, bytesToHex, type Crypto } from '@cairn/core';
import { type ModelCard, modelCardShape, modelIdOf } from '@cairn/ledger';
import type { SelfTestCase } from '@cairn/protocol';

/** Folder of the model that a local network serves from the start. */
const FOLDER = fileURLToPath(new URL('../../../../models/cairn-crontab/', import.meta.url));

/** Files with the cards of the bundled model: as it is, and as it was earlier in its training. */
const CARDS = { default: 'card.json', base: 'base.json' } as const;
export type BundledVariant = keyof typeof CARDS;

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

/** What of a card, as `cairn model publish` takes it, is needed here. */
interface CardFile {
  readonly artifacts: readonly ({ readonly file: string } & object)[];
}

/** The bundled crontab model as `owner` registers it: the earlier checkpoint, and the default made from it. */
export async function readBundledModels(crypto: Crypto, owner: AccountId): Promise<BundledModels> {
  const base = await readCard(owner, 'base', []);
  const baseId = modelIdOf(crypto, base);
  const main = await readCard(owner, 'default', [baseId]);
  const cards = [
    { variant: 'base', card: base, id: baseId },
    { variant: 'default', card: main, id: modelIdOf(crypto, main) },
  ] as const;
  const files = new Set(await readdir(FOLDER));
  const calibrations: BundledCalibration[] = [];
  for (const { card, id } of cards)
    for (const { path, sha256 } of card.artifacts) {
      const measured = path.replace(/\.gguf$/, '.calibration');
      if (!files.has(measured)) continue;
      const bytes = new Uint8Array(await readFile(join(FOLDER, measured)));
      calibrations.push({ model: id, artifact: sha256, bytes });
    }
  const known = JSON.parse(await readFile(join(FOLDER, 'self-test.json'), 'utf8')) as {
    readonly question: string;
    readonly answer: string;
  };
  return {
    cards,
    calibrations,
    artifacts: cards.flatMap(({ variant, card }) =>
      card.artifacts.map(({ path, sha256, quantisation }) => ({
        ...{ path: join(FOLDER, path), sha256, quantisation, variant },
      })),
    ),
    selfTest: {
      prompt: { kind: 'chat', messages: [{ role: 'user', content: known.question }] },
      expected: known.answer,
    },
  };
}

async function readCard(
  owner: AccountId,
  variant: BundledVariant,
  parents: readonly Uint8Array[],
): Promise<ModelCard> {
  const card = JSON.parse(await readFile(join(FOLDER, CARDS[variant]), 'utf8')) as CardFile;
  return modelCardShape.fromJson({
    ...card,
    owner: accountIdToAddress(owner),
    parents: parents.map(bytesToHex),
    artifacts: card.artifacts.map(({ file: _, ...artifact }) => artifact),
  });
}
