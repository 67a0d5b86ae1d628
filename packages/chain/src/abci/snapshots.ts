import type { Snapshot } from 'cosmjs-types/tendermint/abci/types';

export type { Snapshot } from 'cosmjs-types/tendermint/abci/types';

/** What becomes of a snapshot that a peer offers. */
export type SnapshotOffer = 'accept' | 'abort' | 'reject' | 'rejectFormat';

/** What becomes of a piece of it. */
export interface ChunkVerdict {
  readonly result: 'accept' | 'abort' | 'retry' | 'rejectSnapshot';
  /** Pieces to fetch once more. */
  readonly refetch?: readonly number[];
  /** Peers that sent what is wrong. */
  readonly rejectSenders?: readonly string[];
}

/** State of a height in pieces, to serve and to start from. */
export interface Snapshots {
  list(): readonly Snapshot[];
  /** A piece; empty when there is none such. */
  load(height: bigint, format: number, chunk: number): Promise<Uint8Array>;
  /** @param appHash root of the state that a light client of consensus vouches for. */
  offer(snapshot: Snapshot, appHash: Uint8Array): Promise<SnapshotOffer>;
  apply(index: number, chunk: Uint8Array, sender: string): Promise<ChunkVerdict>;
}
