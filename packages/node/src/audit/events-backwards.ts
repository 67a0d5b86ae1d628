import type { EventView, LedgerReader } from '@cairn/protocol';

/** Blocks looked through backwards. */
export const MAX_BLOCKS_BACK = 20_000;
/** Blocks fetched at a time: over a wire one by one would take a round trip each. */
const PAGE_BLOCKS = 16;

/** Events of the chain up to a height, newest first. */
export async function* eventsBackwards(ledger: LedgerReader, height: number): AsyncGenerator<EventView> {
  const last = Math.max(1, height - MAX_BLOCKS_BACK + 1);
  for (let at = height; at >= last; at -= PAGE_BLOCKS) {
    const heights = Array.from({ length: Math.min(PAGE_BLOCKS, at - last + 1) }, (_, index) => at - index);
    for (const block of await Promise.all(heights.map((each) => ledger.block(each)))) {
      if (block === null) continue;
      // Transactions come first in a block, its own events after them.
      const events = [...block.transactions.flatMap((transaction) => transaction.events), ...block.events];
      yield* events.reverse();
    }
  }
}
