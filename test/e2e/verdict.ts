import type { BlockView } from '@cairn/protocol';
import type { Network } from './network.ts';
import { callNode } from './rpc.ts';

/** How a run went, by the chains of all its nodes. */
export interface Verdict {
  readonly height: number;
  readonly acknowledged: number;
  /** Heights at which two nodes have another root or block. */
  readonly differences: readonly number[];
  /** Acknowledged transactions that are not in the chain. */
  readonly lost: readonly string[];
  /** Transactions that are in the chain more than once. */
  readonly repeated: readonly string[];
  /** Longest time between two blocks, by their own time, outside of the spans that are named. */
  readonly longestStallMs: number;
}

/** A time in which the chain is expected to stand still. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads all blocks of all nodes up to the height that all have. */
export async function judgeNetwork(
  network: Network,
  acknowledged: ReadonlySet<string>,
  still: readonly Span[],
): Promise<Verdict> {
  const nodes = network.running();
  const heights = await Promise.all(nodes.map(({ name }) => network.height(name)));
  const height = Math.min(...heights.map(Number));
  const differences: number[] = [];
  const seen = new Map<string, number>();
  let before: BlockView | null = null;
  let longestStallMs = 0;
  for (let at = 1; at <= height; at++) {
    const blocks = await Promise.all(nodes.map(({ url }) => callNode<BlockView>(url, 'chain_block', { at })));
    if (new Set(blocks.map(({ appHash, header }) => `${appHash} ${header.hash}`)).size > 1)
      differences.push(at);
    const [block] = blocks as [BlockView];
    for (const { id } of block.transactions) seen.set(id, (seen.get(id) ?? 0) + 1);
    // Block 1 is dated as the genesis.
    if (before !== null && at > 2) {
      const span = { fromMs: before.header.timeMs, toMs: block.header.timeMs };
      const isExpected = still.some(({ fromMs, toMs }) => span.toMs >= fromMs && span.fromMs <= toMs);
      if (!isExpected) longestStallMs = Math.max(longestStallMs, span.toMs - span.fromMs);
    }
    before = block;
  }
  return {
    height,
    acknowledged: acknowledged.size,
    differences,
    lost: [...acknowledged].filter((id) => !seen.has(id)),
    repeated: [...seen].flatMap(([id, times]) => (times > 1 ? [id] : [])),
    longestStallMs,
  };
}
