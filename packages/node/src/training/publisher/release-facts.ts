import { bytesToHex } from '@cairn/core';
import {
  decodeRunManifest,
  type LedgerReader,
  type RunManifest,
  type RunReader,
  type RunView,
} from '@cairn/protocol';
import type { Recipe, ReleasedOrigin, ReleasedParent, ReleasedReplay, ReleaseFacts } from '@cairn/training';
import { NodeError } from '../../errors.ts';
import type { RunDesk } from '../run/run-place.ts';
import { type CountUpdatesParts, countUpdates } from './count-updates.ts';

export interface ReleaseFactsParts extends CountUpdatesParts {
  readonly ledger: Pick<RunReader, 'paidRound' | 'run'>;
  readonly desk: Pick<RunDesk, 'id' | 'name' | 'manifest' | 'library' | 'fetch'>;
  /** Null on a node that did not create the run: then licence and use are not known. */
  readonly recipe: Recipe | null;
}

/** What a release says of itself, from the ledger and the manifest. */
export async function releaseFactsOf(
  { ledger, chain, records, desk, recipe }: ReleaseFactsParts,
  run: RunView,
  round: number,
  root: Uint8Array,
): Promise<ReleaseFacts> {
  const paid = round === 0 ? null : await ledger.paidRound(desk.id, round);
  const updates = await countUpdates({ chain, records }, desk.name);
  const { manifest } = desk;
  const release = recipe?.release;
  return {
    name: recipe?.name ?? `local/${run.name.replaceAll(/[^a-z0-9._-]/g, '-')}`,
    version: `r${round}`,
    description: manifest.description,
    model: manifest.model,
    licence: release?.licence ?? 'LicenseRef-unknown',
    prompt: release?.prompt ?? 'plain',
    tasks: release?.tasks ?? [],
    languages: release?.languages ?? [],
    royaltyBps: release?.royaltyBps ?? 0,
    data: manifest.data.map(({ name, licence, tokens, root: dataRoot }) => ({
      ...{ name, licence, tokens: BigInt(tokens) },
      root: bytesToHex(dataRoot),
    })),
    run: {
      id: desk.name,
      chain: chain.chainId,
      manifest: bytesToHex(run.manifest),
      round,
      rounds: manifest.rounds,
      replay: replayOf(manifest),
    },
    contributors: [...updates]
      .filter(([, count]) => count > 0)
      .map(([account, count]) => ({ account, updates: count })),
    parents: await parentsOf(chain, run),
    origin: await originOf(ledger, desk, run),
    heldOutLoss: paid === null || paid.evalLoss === 0 ? null : paid.evalLoss / 1e6,
    evaluations: [],
    weightRoot: bytesToHex(root),
  };
}

const replayOf = ({ engine, tolerance }: RunManifest): ReleasedReplay =>
  engine === 'exact' ? 'exact' : tolerance === undefined ? 'none' : 'bounded';

/** The model that the run began with, as long as it is registered: a card can name no other. */
async function parentsOf(chain: LedgerReader, { parentModel }: RunView): Promise<ReleasedParent[]> {
  if (parentModel === null) return [];
  const id = bytesToHex(parentModel);
  const found = await chain.query<Omit<ReleasedParent, 'id'> | null>('registry_model', { model: id });
  return found === null ? [] : [{ id, name: found.name, licence: found.licence }];
}

async function originOf(
  ledger: Pick<RunReader, 'run'>,
  desk: ReleaseFactsParts['desk'],
  { parent }: RunView,
): Promise<ReleasedOrigin | null> {
  if (parent === null) return null;
  const found = await ledger.run(parent.run);
  const named = { run: bytesToHex(parent.run), round: parent.round };
  if (found === null) return { ...named, data: null };
  const id = bytesToHex(found.manifest);
  try {
    await desk.fetch([{ id, maxBytes: found.manifestBytes }], []);
  } catch (error) {
    // The release says that it is not known. Who made the run has the manifest.
    if (!(error instanceof NodeError) || error.code !== 'BLOB_NOT_FETCHED') throw error;
    return { ...named, data: null };
  }
  const bytes = await desk.library.get(id);
  if (bytes === null) return { ...named, data: null };
  const { data } = decodeRunManifest(bytes);
  return {
    ...named,
    data: data.map(({ name, licence, tokens }) => ({ name, licence, tokens: BigInt(tokens) })),
  };
}
