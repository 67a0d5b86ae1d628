import { setImmediate } from 'node:timers/promises';
import { CairnError } from '@cairn/core';
import type { BlockView, EventView, LedgerReader } from '@cairn/protocol';
import { SdkError } from '@cairn/sdk';

/** Blocks looked through backwards. */
export const MAX_BLOCKS_BACK = 20_000;
/** Blocks fetched at a time: over a wire one by one would take a round trip each. */
const PAGE_BLOCKS = 16;

/** Events of one block in order; null when this node does not have the block. */
export type BlockEvents = (height: number) => Promise<readonly EventView[] | null>;

export function readBlockEvents(ledger: LedgerReader): BlockEvents {
  return async (height) => {
    const block = await blockIfKept(ledger, height);
    if (block === null) return null;
    // Transactions come first in a block, its own events after them.
    return [...block.transactions.flatMap((transaction) => transaction.events), ...block.events];
  };
}

/** A node that began from a snapshot refuses what came before it. */
async function blockIfKept(ledger: LedgerReader, height: number): Promise<BlockView | null> {
  try {
    return await ledger.block(height);
  } catch (error) {
    if (isNotKept(error)) return null;
    throw error;
  }
}

function isNotKept(error: unknown): boolean {
  if (error instanceof SdkError && error.problem.code === 'RPC_FAILED')
    return error.problem.reason === 'BLOCK_NOT_KEPT';
  return error instanceof CairnError && error.code === 'BLOCK_NOT_KEPT';
}

/**
 * Events of the chain up to a height, newest first, as far back as they are here. Lets other work go on between
 * pages of blocks.
 *
 * @param onEnd called when there is nothing older to give, with whether that was the beginning of the chain.
 */
export async function* eventsBackwards(
  history: BlockEvents,
  height: number,
  onEnd: (isBeginning: boolean) => void = () => undefined,
): AsyncGenerator<EventView> {
  const last = Math.max(1, height - MAX_BLOCKS_BACK + 1);
  for (let at = height; at >= last; at -= PAGE_BLOCKS) {
    const heights = Array.from({ length: Math.min(PAGE_BLOCKS, at - last + 1) }, (_, index) => at - index);
    for (const events of await Promise.all(heights.map(history))) {
      if (events === null) return onEnd(false);
      yield* events.toReversed();
    }
    await setImmediate();
  }
  onEnd(last === 1);
}
