import { areBytesEqual, bytesToHex, bytesToUtf8, type Crypto, hexToBytes } from '@cairn/core';
import type { Checkpoint } from '@cairn/ledger';
import {
  decodeRunManifest,
  findManifestFault,
  type LedgerReader,
  type PeerName,
  type RunManifest,
  type RunReader,
  type RunView,
} from '@cairn/protocol';
import { fetchCheckpoints, fetchModels, fetchSeats, type RegistryModel } from '@cairn/sdk';
import {
  PAGE_BYTES,
  type ParentRecipe,
  parseTokenizerJson,
  planOf,
  readPageList,
  stateTensors,
  type Tokenizer,
  weightRootOf,
} from '@cairn/training';
import { NodeError } from '../../errors.ts';
import { openParentBlobs, type ParentBlobs, type ParentBlobsParts } from './parent-blobs.ts';

/** Most bytes of a tokenizer that is fetched, and of a list of pages. */
const MAX_TOKENIZER_BYTES = 64 * 2 ** 20;
const MAX_LIST_BYTES = 16 * 2 ** 20;
/** Rounds that a message names. */
const TOLD_ROUNDS = 5;

export interface ParentParts extends ParentBlobsParts {
  readonly crypto: Crypto;
  readonly ledger: RunReader;
  readonly chain: Pick<LedgerReader, 'query'>;
}

/** A released checkpoint that a run goes on from. */
export interface RunParent {
  readonly run: RunView;
  readonly round: number;
  /** Of its weights. */
  readonly root: Uint8Array;
  readonly manifest: RunManifest;
  /** As what it was released. */
  readonly model: RegistryModel;
  /**
   * Brings tokenizer and weights into the library, under the name of what needs them. Everything is checked against
   * the ledger before it is used.
   *
   * @throws NodeError `PARENT_OUT_OF_REACH`, `PARENT_MALFORMED`, `LIBRARY_FULL`
   */
  bring(name: string): Promise<BroughtParent>;
}

export interface BroughtParent {
  readonly tokenizer: Tokenizer;
  /** As the run has it, named by the manifest. */
  readonly tokenizerBytes: Uint8Array;
  /** SHA-256 of the list of pages. */
  readonly pages: Uint8Array;
}

/**
 * Looks up what a recipe goes on from: the run, the checkpoint that was posted of it and the model it was released as.
 * Of the run only the manifest is fetched.
 *
 * @throws NodeError `RUN_UNKNOWN`, `CHECKPOINT_UNKNOWN`, `PARENT_NOT_RELEASED`, `PARENT_OUT_OF_REACH`, `PARENT_MALFORMED`
 */
export async function findParent(
  parts: ParentParts,
  { run: name, round, model: wanted }: ParentRecipe,
): Promise<RunParent> {
  const { ledger, chain } = parts;
  const run = await ledger.run(hexToBytes(name));
  if (run === null)
    throw new NodeError(
      { code: 'RUN_UNKNOWN', run: name },
      `There is no training run ${name} to go on from. See ./cairn train list.`,
    );
  const checkpoint = await ledger.checkpoint(run.id, round);
  if (checkpoint === null) throw await checkpointUnknown(chain, run, round);
  const model = await findModel(chain, { run, checkpoint, wanted });
  if (model === null) throw notReleased(name, round, wanted);

  const seats = await fetchSeats(chain, run.id);
  const from = [...new Set(seats.map(({ peer }) => peer as PeerName))];
  const blobs = openParentBlobs(parts, { run: name, round, from });
  const manifestBlob = { id: bytesToHex(run.manifest), maxBytes: run.manifestBytes };
  await blobs.fetch(name, [manifestBlob]);
  const manifest = await readManifest(blobs, manifestBlob.id);
  return {
    ...{ run, round, manifest, model, root: checkpoint.root },
    async bring(holder) {
      await blobs.fetch(holder, [manifestBlob]);
      return bringParent(parts.crypto, blobs, { manifest, checkpoint }, holder);
    },
  };
}

/** The model that a checkpoint was released as, the newest if there are several. */
async function findModel(
  chain: ParentParts['chain'],
  {
    run,
    checkpoint,
    wanted,
  }: { readonly run: RunView; readonly checkpoint: Checkpoint; readonly wanted: string | null },
): Promise<RegistryModel | null> {
  // Anybody can register a card that names the same file, and would have its royalties.
  const makers = [run.owner, checkpoint.poster];
  const released = (await fetchModels(chain)).filter(
    ({ id, card }) =>
      (wanted === null || id === wanted) &&
      makers.some((maker) => areBytesEqual(maker, card.owner)) &&
      card.artifacts.some(({ sha256 }) => areBytesEqual(sha256, checkpoint.gguf)),
  );
  return released.toSorted((one, other) => other.publishedHeight - one.publishedHeight)[0] ?? null;
}

async function readManifest(blobs: ParentBlobs, id: string): Promise<RunManifest> {
  const bytes = await blobs.read(id);
  const manifest = blobs.check('its manifest', () => decodeRunManifest(bytes));
  const fault = findManifestFault(manifest);
  if (fault === null) return manifest;
  throw blobs.malformed(fault);
}

async function bringParent(
  crypto: Crypto,
  blobs: ParentBlobs,
  { manifest, checkpoint }: { readonly manifest: RunManifest; readonly checkpoint: Checkpoint },
  holder: string,
): Promise<BroughtParent> {
  const [tokenizerId, listId] = [manifest.tokenizer, checkpoint.manifest].map(bytesToHex) as [string, string];
  await blobs.fetch(holder, [
    { id: tokenizerId, maxBytes: MAX_TOKENIZER_BYTES },
    { id: listId, maxBytes: MAX_LIST_BYTES },
  ]);
  const tokenizerBytes = await blobs.read(tokenizerId);
  const tokenizer = blobs.check('its tokenizer', () => parseTokenizerJson(bytesToUtf8(tokenizerBytes)));
  const { length } = tokenizer.model.tokens;
  if (length !== manifest.model.vocab)
    throw blobs.malformed(`its tokenizer has ${length} tokens, and its model ${manifest.model.vocab}`);
  const tensors = blobs.check('its manifest', () => stateTensors(planOf(manifest)));
  const listBytes = await blobs.read(listId);
  const list = blobs.check('the list of its pages', () => readPageList(listBytes, tensors));
  // The root is over the table and every hash of the list, so what is fetched below is what the ledger names.
  if (!areBytesEqual(weightRootOf(crypto, list), checkpoint.root))
    throw blobs.malformed('the list of its pages is of other weights than the ledger names');
  const pages = [...new Set(list.pages.map(bytesToHex))];
  await blobs.fetch(
    holder,
    pages.map((id) => ({ id, maxBytes: PAGE_BYTES })),
  );
  return { tokenizer, tokenizerBytes, pages: checkpoint.manifest };
}

async function checkpointUnknown(
  chain: ParentParts['chain'],
  { id, name }: RunView,
  round: number,
): Promise<NodeError> {
  const rounds = (await fetchCheckpoints(chain, id)).map((each) => each.round);
  const told =
    rounds.length === 0
      ? 'None has been released of it so far. Wait for one'
      : `The newest are after round ${rounds.slice(0, TOLD_ROUNDS).join(', ')}. Name one of its rounds`;
  return new NodeError(
    { code: 'CHECKPOINT_UNKNOWN', run: bytesToHex(id), round },
    `Run ${name} has no released checkpoint after round ${round}. ${told}.`,
  );
}

function notReleased(run: string, round: number, model: string | null): NodeError {
  const message =
    model === null
      ? `The checkpoint after round ${round} of run ${run} is not in the registry, so nobody knows under which licence. Ask its owner to publish its card, or go on from another.`
      : `Model ${model} is not what the checkpoint after round ${round} of run ${run} was released as. Leave parent.model out, or see ./cairn model list.`;
  return new NodeError({ code: 'PARENT_NOT_RELEASED', run, round }, message);
}
