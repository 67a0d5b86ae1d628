/** One part of the test files, so that a long run can be cut into pieces. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** Reads `i/n`; undefined when it is not that. */
export function parseShard(text: string): Shard | undefined {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  return index >= 1 && index <= count ? { index, count } : undefined;
}

export function formatShard(shard: Shard): string {
  return `${shard.index}/${shard.count}`;
}

/** Deals the files out like cards, by the order of their names, so that no shard gets a whole room. */
export function filesOfShard(files: readonly string[], shard: Shard): string[] {
  return files.toSorted(byName).filter((_, position) => position % shard.count === shard.index - 1);
}

function byName(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
