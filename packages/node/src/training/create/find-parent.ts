import { areBytesEqual, bytesToHex, bytesToUtf8, type Crypto, hexToBytes, type Logger } from '@cairn/core';
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
  isMalformed,
  PAGE_BYTES,
  type ParentRecipe,
  parseTokenizerJson,
  planOf,
  readPageList,
  stateTensors,
  type Tokenizer,
  TrainingError,
  weightRootOf,
} from '@cairn/training';
import { NodeError } from '../../errors.ts';
import type { RunPlace } from '../run/run-place.ts';

/** Most bytes of a tokenizer that is fetched, and of a list of pages. */
const MAX_TOKENIZER_BYTES = 64 * 2 ** 20;
const MAX_LIST_BYTES = 16 * 2 ** 20;
/** Rounds that a message names. */
const TOLD_ROUNDS = 5;

export interface ParentParts {
  readonly crypto: Crypto;
  readonly ledger: RunReader;
  readonly chain: Pick<LedgerReader, 'query'>;
  readonly place: Pick<RunPlace, 'library' | 'fetch'>;
  readonly log: Logger;
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
  const { crypto, ledger, chain, place } = parts;
  const run = await ledger.run(hexToBytes(name));
  if (run === null)
    throw new NodeError(
      { code: 'RUN_UNKNOWN', run: name },
      `There is no training run ${name} to go on from. See ./cairn train list.`,
    );
  const checkpoint = await ledger.checkpoint(run.id, round);
  if (checkpoint === null) throw await checkpointUnknown(chain, run, round);
  const models = await fetchModels(chain);
  const isOfPoster = ({ card }: RegistryModel) =>
    areBytesEqual(card.owner, checkpoint.poster) &&
    card.artifacts.some(({ sha256 }) => areBytesEqual(sha256, checkpoint.gguf));
  const model = models.find((each) => isOfPoster(each) && (wanted === null || each.id === wanted));
  if (model === undefined) throw notReleased(name, round, wanted);

  const seats = await fetchSeats(chain, run.id);
  const from = [...new Set(seats.map(({ peer }) => peer as PeerName))];
  const fetch = async (holder: string, blobs: Parameters<RunPlace['fetch']>[1]): Promise<void> => {
    try {
      await place.fetch(holder, blobs, from, parts.log);
    } catch (error) {
      if (!(error instanceof NodeError) || error.problem.code !== 'BLOB_NOT_FETCHED') throw error;
      throw outOfReach(name, round, error.problem.reason, error);
    }
  };
  const read = async (id: string): Promise<Uint8Array> => {
    const bytes = await place.library.get(id);
    if (bytes === null) throw outOfReach(name, round, 'a part of them was lost meanwhile');
    return bytes;
  };
  const malformed = (reason: string, cause?: unknown) => parentMalformed(name, round, reason, cause);
  /** What strangers made, read; what is wrong with it is the parent's fault. */
  const check = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (isMalformed(error) || error instanceof TrainingError)
        throw malformed(`${what} cannot be read`, error);
      throw error;
    }
  };

  const manifestId = bytesToHex(run.manifest);
  await fetch(name, [{ id: manifestId, maxBytes: run.manifestBytes }]);
  const manifest = readManifest(await read(manifestId), malformed);
  const tensors = check('its manifest', () => stateTensors(planOf(manifest)));

  return {
    ...{ run, round, manifest, model, root: checkpoint.root },
    async bring(holder) {
      const tokenizerId = bytesToHex(manifest.tokenizer);
      const listId = bytesToHex(checkpoint.manifest);
      await fetch(holder, [
        { id: manifestId, maxBytes: run.manifestBytes },
        { id: tokenizerId, maxBytes: MAX_TOKENIZER_BYTES },
        { id: listId, maxBytes: MAX_LIST_BYTES },
      ]);
      const tokenizerBytes = await read(tokenizerId);
      const tokenizer = check('its tokenizer', () => parseTokenizerJson(bytesToUtf8(tokenizerBytes)));
      const { vocab } = manifest.model;
      if (tokenizer.model.tokens.length !== vocab)
        throw malformed(`its tokenizer has ${tokenizer.model.tokens.length} tokens, and its model ${vocab}`);
      const listBytes = await read(listId);
      const list = check('the list of its pages', () => readPageList(listBytes, tensors));
      // The root is over the table and every hash of the list, so what is fetched below is what the ledger names.
      if (!areBytesEqual(weightRootOf(crypto, list), checkpoint.root))
        throw malformed('the list of its pages is of other weights than the ledger names');
      const pages = [...new Set(list.pages.map(bytesToHex))];
      await fetch(
        holder,
        pages.map((id) => ({ id, maxBytes: PAGE_BYTES })),
      );
      return { tokenizer, tokenizerBytes, pages: checkpoint.manifest };
    },
  };
}

function readManifest(
  bytes: Uint8Array,
  malformed: (reason: string, cause?: unknown) => NodeError,
): RunManifest {
  let manifest: RunManifest;
  try {
    manifest = decodeRunManifest(bytes);
  } catch (error) {
    throw malformed('its manifest cannot be read', error);
  }
  const fault = findManifestFault(manifest);
  if (fault !== null) throw malformed(fault);
  return manifest;
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

function outOfReach(run: string, round: number, reason: string, cause?: NodeError): NodeError {
  return new NodeError(
    { code: 'PARENT_OUT_OF_REACH', run, round, reason },
    `What round ${round} of run ${run} left cannot be had from anybody now: ${reason}. Try again when its owner or its trainers are there; nothing was put on the ledger.`,
    cause === undefined ? {} : { cause },
  );
}

function parentMalformed(run: string, round: number, reason: string, cause?: unknown): NodeError {
  return new NodeError(
    { code: 'PARENT_MALFORMED', run, round, reason },
    `Nothing can go on from round ${round} of run ${run}: ${reason}. Tell its owner, or go on from another.`,
    cause === undefined ? {} : { cause },
  );
}
