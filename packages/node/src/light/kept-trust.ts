import { join } from 'node:path';
import { areBytesEqual, createPureCrypto } from '@cairn/core';
import { headerHash, type LightBlock, lightBlockShape } from '@cairn/protocol';
import { type LightStore, SdkError } from '@cairn/sdk';
import { readJsonFile } from '../data/data-folder.ts';
import { writeFileDurably } from '../data/durable-file.ts';

import { NodeError } from '../errors.ts';

/** A header that was verified before. */
export interface KeptTrust {
  readonly block: LightBlock;
  /** Time that stake is unbonding, as the chain proved it. */
  readonly unbondingMs: number;
}

/**
 * What was verified of a chain before, from the data folder; null when nothing was.
 *
 * @param chainId as headers have it
 * @throws NodeError `DATA_FOLDER_MALFORMED`; SdkError `LIGHT_INVALID` when no chain has such a name
 */
export async function loadKeptTrust(data: string, chainId: string): Promise<KeptTrust | null> {
  const path = pathOf(data, chainId);
  const stored = (await readJsonFile(path)) as { block?: unknown; unbondingMs?: unknown } | undefined;
  if (stored === undefined) return null;
  const damaged = (reason: string, cause?: unknown) =>
    new NodeError(
      { code: 'DATA_FOLDER_MALFORMED', path },
      `The file ${path} is damaged: ${reason}. Delete it, and name a header you trust.`,
      cause === undefined ? {} : { cause },
    );
  const { unbondingMs } = stored;
  if (typeof unbondingMs !== 'number' || !Number.isSafeInteger(unbondingMs) || unbondingMs < 0)
    throw damaged('it does not say how long stake is unbonding');
  let block: LightBlock;
  try {
    block = lightBlockShape.fromJson(stored.block);
  } catch (cause) {
    throw damaged('it holds no header', cause);
  }
  const isItsOwn = areBytesEqual(headerHash(createPureCrypto(), block.header), block.commit.blockId.hash);
  if (isItsOwn) return { block, unbondingMs };
  throw damaged('its header has another hash');
}

/** Keeps the newest header of each chain in the data folder. */
export function openTrustStore(data: string, kept: KeptTrust | null): LightStore {
  return {
    load: async () => kept?.block ?? null,
    async save(block, unbondingMs) {
      // It followed from what may have been too old already.
      if (unbondingMs === null) return;
      const path = pathOf(data, block.header.chainId);
      const text = `${JSON.stringify({ unbondingMs, block: lightBlockShape.toJson(block) }, null, 2)}\n`;
      await writeFileDurably(path, new TextEncoder().encode(text));
    },
  };
}

function pathOf(data: string, chainId: string): string {
  if (/^[a-zA-Z0-9-]{1,50}$/.test(chainId)) return join(data, 'light', `${chainId}.json`);
  throw new SdkError(
    { code: 'LIGHT_INVALID', source: 'the trusted header', height: '', reason: 'its chain has no name' },
    'The trusted header names a chain that is none of ours.',
  );
}
