import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Something that is done to a running network, after so many more blocks. */
export type Step = { readonly afterBlocks?: number } & (
  | { readonly do: 'kill' | 'restart'; readonly node: string }
  /** `kill -9` of validators at random, each time when the one before is back. */
  | { readonly do: 'killAtRandom'; readonly times: number }
  | { readonly do: 'pause' | 'resume'; readonly node: string }
  /** These nodes and the others lose each other for so long. */
  | {
      readonly do: 'cut';
      readonly nodes: readonly string[];
      readonly seconds: number;
      readonly chain: 'stops' | 'goesOn';
    }
  /** A node of `later` starts. */
  | { readonly do: 'start'; readonly node: string }
  /** Its owner stakes on its hotkey, and its key joins the validators. */
  | { readonly do: 'join'; readonly node: string; readonly stake: string }
  /** A second node starts with its consensus key: what an operator must never do. */
  | { readonly do: 'twin' | 'endTwin'; readonly node: string }
  | { readonly do: 'unjail'; readonly node: string }
  /** Waits until `cairn validator show` says so. */
  | { readonly do: 'await'; readonly node: string; readonly conduct: Conduct }
);

/** What is expected of a validator. */
export interface Conduct {
  readonly isJailed?: boolean;
  readonly isTombstoned?: boolean;
  /** Kind of its latest fault. */
  readonly fault?: 'duplicateVote' | 'downtime';
  readonly losesStake?: boolean;
  readonly hasPower?: boolean;
  /** Part of what the table of `cairn validator show` prints. */
  readonly says?: string;
}

/** A network, what is done to it, and how it must have gone. */
export interface Manifest {
  readonly about: string;
  /** Named `node-1` and so on; in the genesis. */
  readonly validators: number;
  /** Nodes that start by a step. */
  readonly later?: readonly string[];
  readonly blockMs?: number;
  readonly slotMs?: number;
  /** Voting power of each validator of genesis. */
  readonly power?: string;
  /** Parameters of genesis, as text of whole numbers. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Accounts that send transfers all the time, each one after another. */
  readonly senders: number;
  readonly steps: readonly Step[];
  /** Blocks after the last step. */
  readonly blocksAfter: number;
  /** Longest time between two blocks outside of cuts. */
  readonly longestStallSeconds: number;
}

const FOLDER = new URL('./manifests/', import.meta.url);

/** @param kind `long` ones take minutes. */
export function manifestsOf(kind: 'quick' | 'long'): readonly (readonly [string, Manifest])[] {
  return readdirSync(fileURLToPath(FOLDER))
    .filter((file) => file.endsWith('.json') && file.endsWith('.long.json') === (kind === 'long'))
    .sort()
    .map((file) => [
      file.replace(/(\.long)?\.json$/, ''),
      JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Manifest,
    ]);
}
