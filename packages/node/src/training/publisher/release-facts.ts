import { bytesToHex } from '@cairn/core';
import type { LedgerReader, RunReader, RunView } from '@cairn/protocol';
import type { Recipe, ReleaseFacts } from '@cairn/training';
import type { RunDesk } from '../run/run-place.ts';

export interface ReleaseFactsParts {
  readonly ledger: Pick<RunReader, 'paidRound'>;
  readonly chain: LedgerReader;
  readonly desk: RunDesk;
  /** Null on a node that did not create the run: then licence and use are not known. */
  readonly recipe: Recipe | null;
}

/** What a release says of itself, from the ledger and the manifest. */
export async function releaseFactsOf(
  { ledger, chain, desk, recipe }: ReleaseFactsParts,
  run: RunView,
  round: number,
  root: Uint8Array,
): Promise<ReleaseFacts> {
  const paid = round === 0 ? null : await ledger.paidRound(desk.id, round);
  const seats = await chain.query<{ wallet: string; paidRounds: number }[]>('training_seats', {
    run: desk.name,
  });
  const updates = new Map<string, number>();
  for (const { wallet, paidRounds } of seats) updates.set(wallet, (updates.get(wallet) ?? 0) + paidRounds);
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
      isExact: manifest.engine === 'exact',
    },
    contributors: [...updates]
      .filter(([, count]) => count > 0)
      .map(([account, count]) => ({ account, updates: count })),
    parents: [],
    heldOutLoss: paid === null || paid.evalLoss === 0 ? null : paid.evalLoss / 1e6,
    evaluations: [],
    weightRoot: bytesToHex(root),
  };
}
