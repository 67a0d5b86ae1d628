/**
 * What a blob of a round is there for: to make the weights of later rounds, which late joiners do as long as the ledger
 * keeps its outcome; to make its steps again, as long as they can be judged; to begin from a released checkpoint,
 * which anybody may do at any time; or to begin from the checkpoint that the ledger goes back to, released or not.
 */
export type BlobUse = (typeof USES)[number];
const USES = ['weights', 'cases', 'releases', 'checkpoints'] as const;

/** Blobs that are held for one round, and not as long as the run goes on. */
export interface BlobsOfRound {
  readonly round: number;
  readonly use: BlobUse;
}

/** The name under which a library holds blobs of a run; what several names hold goes when the last one lets it go. */
export const holderOf = (run: string, of?: BlobsOfRound): string =>
  of === undefined ? run : `${run}/${of.use}/${of.round}`;

/** The opposite of `holderOf`. */
export function readHolder(holder: string): { readonly run: string; readonly of: BlobsOfRound | null } {
  const [run = '', name, round] = holder.split('/');
  const use = USES.find((each) => each === name);
  return { run, of: use === undefined ? null : { use, round: Number(round) } };
}
