import { type AccountId, areBytesEqual, hexToBytes } from '@cairn/core';
import type { Artifact, ModelCard } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { fetchModels, type RegistryModel } from '@cairn/sdk';
import { NodeError } from '../errors.ts';

/** A card that is on the ledger. */
export interface RegisteredCard {
  readonly id: Uint8Array;
  readonly card: ModelCard;
}

export interface FindCardOptions {
  /** Who would register a card of its own. */
  readonly owner: AccountId;
  /** `owner/model`; absent: of any name. */
  readonly name: string | undefined;
}

/**
 * The card that a file is served under when somebody registered it already: of this name, or of any. Of several the
 * first, so that all who ask choose the same; of cards of one name only the newest is for sale. Null when nobody did.
 *
 * Whoever sees a card wait for its block can register one of the same file before it. So one of somebody else that
 * was not named is taken only when its answers pay royalties to nobody.
 *
 * @throws NodeError `MODEL_DIFFERS` when the name is another model's, SdkError `RPC_FAILED`
 */
export async function findCard(
  ledger: Pick<LedgerReader, 'query'>,
  artifact: Artifact,
  { owner, name }: FindCardOptions,
): Promise<RegisteredCard | null> {
  const models = (await fetchModels(ledger)).sort(inOrder);
  const newest = new Map(models.map((model) => [model.card.name, model]));
  const isFair = ({ card, royalties }: RegistryModel): boolean =>
    name !== undefined || royalties.length === 0 || areBytesEqual(card.owner, owner);
  const named = [...newest.values()].filter(({ card }) => name === undefined || card.name === name);
  const found = named
    .filter((model) => isFair(model) && model.card.artifacts.some((known) => isSameFile(known, artifact)))
    .sort(inOrder)[0];
  if (found !== undefined) return { id: hexToBytes(found.id), card: found.card };
  if (name === undefined || named.length === 0) return null;
  throw new NodeError(
    { code: 'MODEL_DIFFERS', model: name },
    `${name} is registered, and this file is none of its artifacts. Serve it under another --name.`,
  );
}

/** A card with the right hash may still say something else that its providers would have to show. */
function isSameFile(one: Artifact, other: Artifact): boolean {
  return (
    areBytesEqual(one.sha256, other.sha256) &&
    areBytesEqual(one.merkleRoot, other.merkleRoot) &&
    one.sizeBytes === other.sizeBytes &&
    one.format === other.format
  );
}

/** Of one block by their ids, which everybody sees in the same order. */
function inOrder(one: RegistryModel, other: RegistryModel): number {
  return one.publishedHeight - other.publishedHeight || (one.id < other.id ? -1 : 1);
}
