import { areBytesEqual, type Clock, hexToBytes } from '@cairn/core';
import { createLedgerCatalogue } from '@cairn/gateway';
import type { Artifact, ModelCard } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { NodeError } from '../errors.ts';

/** A card that is on the ledger. */
export interface RegisteredCard {
  readonly id: Uint8Array;
  readonly card: ModelCard;
}

/**
 * The card that a file is served under when somebody registered it already: of this name, or of any. Null when
 * nobody did.
 *
 * @throws NodeError `MODEL_DIFFERS` when the name is another model's
 */
export async function findCard(
  parts: { readonly ledger: LedgerReader; readonly clock: Clock },
  { sha256 }: Pick<Artifact, 'sha256'>,
  name: string | undefined,
): Promise<RegisteredCard | null> {
  const { ledger: reader, clock } = parts;
  const models = await createLedgerCatalogue({ reader, clock }).models();
  const named = models.filter(({ card }) => name === undefined || card.name === name);
  const found = named
    .filter(({ card }) => card.artifacts.some((artifact) => areBytesEqual(artifact.sha256, sha256)))
    .sort((one, other) => one.publishedHeight - other.publishedHeight)[0];
  if (found !== undefined) return { id: hexToBytes(found.id), card: found.card };
  if (name === undefined || named.length === 0) return null;
  throw new NodeError(
    { code: 'MODEL_DIFFERS', model: name },
    `${name} is registered, and this file is none of its artifacts. Serve it under another --name.`,
  );
}
