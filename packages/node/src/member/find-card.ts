import { areBytesEqual, type Clock, hexToBytes } from '@cairn/core';
import { createLedgerCatalogue, type RegisteredModel } from '@cairn/gateway';
import type { Artifact, ModelCard } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { NodeError } from '../errors.ts';

/** A card that is on the ledger. */
export interface RegisteredCard {
  readonly id: Uint8Array;
  readonly card: ModelCard;
}

/**
 * The card that a file is served under when somebody registered it already: of this name, or of any. Of several the
 * first, so that all who ask choose the same; of cards of one name only the newest is for sale. Null when nobody did.
 *
 * @throws NodeError `MODEL_DIFFERS` when the name is another model's
 */
export async function findCard(
  parts: { readonly ledger: LedgerReader; readonly clock: Clock },
  { sha256 }: Pick<Artifact, 'sha256'>,
  name: string | undefined,
): Promise<RegisteredCard | null> {
  const { ledger: reader, clock } = parts;
  const models = [...(await createLedgerCatalogue({ reader, clock }).models())].sort(inOrder);
  const newest = new Map(models.map((model) => [model.card.name, model]));
  const named = [...newest.values()].filter(({ card }) => name === undefined || card.name === name);
  const found = named
    .filter(({ card }) => card.artifacts.some((artifact) => areBytesEqual(artifact.sha256, sha256)))
    .sort(inOrder)[0];
  if (found !== undefined) return { id: hexToBytes(found.id), card: found.card };
  if (name === undefined || named.length === 0) return null;
  throw new NodeError(
    { code: 'MODEL_DIFFERS', model: name },
    `${name} is registered, and this file is none of its artifacts. Serve it under another --name.`,
  );
}

/** Of one block by their ids, which everybody sees in the same order. */
function inOrder(one: RegisteredModel, other: RegisteredModel): number {
  return one.publishedHeight - other.publishedHeight || (one.id < other.id ? -1 : 1);
}
