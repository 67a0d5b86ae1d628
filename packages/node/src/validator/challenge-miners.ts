import { accountIdToAddress, bytesToHex, CairnError, type Logger } from '@cairn/core';
import { type Artifact, artifactShape } from '@cairn/ledger';
import { chunkCount, drawChunk } from '@cairn/mechanisms';
import type { LedgerReader } from '@cairn/protocol';
import { type ChallengeParts, challengeChunk } from '../verification/challenge-chunk.ts';
import type { AskedMiner } from './ask-miners.ts';

export interface ChallengeMinersParts extends ChallengeParts {
  readonly ledger: Pick<LedgerReader, 'query'>;
  readonly log: Logger;
}

/**
 * Has every miner show one chunk of the artifact it offers, all at once, and logs who does not. It changes no weight:
 * a wrong chunk is for a person, or a case on the ledger, to act on.
 *
 * @param salt secret of this validator, so that no miner knows which chunk comes.
 */
export async function challengeMiners(
  parts: ChallengeMinersParts,
  salt: Uint8Array,
  miners: readonly AskedMiner[],
): Promise<void> {
  await Promise.all(miners.map((miner) => challengeMiner(parts, salt, miner)));
}

async function challengeMiner(
  parts: ChallengeMinersParts,
  salt: Uint8Array,
  { miner, offer }: AskedMiner,
): Promise<void> {
  const { crypto, ledger, log } = parts;
  const who = { miner: accountIdToAddress(miner) };
  try {
    const { model, artifact: wanted, peer } = offer.terms;
    const card = (await ledger.query('registry_model', { model: bytesToHex(model) })) as {
      readonly artifacts: readonly { readonly sha256: string }[];
    } | null;
    const found = card?.artifacts.find(({ sha256 }) => sha256 === bytesToHex(wanted));
    const artifact: Artifact | null = found === undefined ? null : artifactShape.fromJson(found);
    // What runs at an upstream has no bytes to show.
    if (artifact === null || artifact.format === 'upstream' || chunkCount(artifact.sizeBytes) === 0) return;
    const index = drawChunk(crypto, salt, miner, artifact);
    const outcome = await challengeChunk(parts, peer, artifact, index);
    if (outcome.ok) log.debug('a miner showed a chunk of its model', { ...who, index, ms: outcome.ms });
    else if (outcome.reason === 'wrong')
      log.warn('a miner holds another file than it offers', { ...who, index });
    else log.info('a miner did not show a chunk of its model', { ...who, index, reason: outcome.reason });
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    log.info('a miner could not be challenged', { ...who, code: error.code });
  }
}
