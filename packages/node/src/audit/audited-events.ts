import type { EventView } from '@cairn/protocol';
import { type BlockEvents, MAX_BLOCKS_BACK } from './events-backwards.ts';

/** Events from which an audit learns what a validator was bound to. */
const NAMES: ReadonlySet<string> = new Set([
  'yuma.epochRan',
  'yuma.weightsSet',
  'yuma.weightsCommitted',
  'yuma.saltCommitted',
]);
const NONE: readonly EventView[] = [];

/**
 * Remembers of each block the events that an audit of one subnet looks at, for as many blocks as it looks back:
 * judging many validators in one epoch reads each block once.
 */
export function rememberAuditedEvents(history: BlockEvents, netuid: number): BlockEvents {
  const kept = new Map<number, readonly EventView[]>();
  let highest = 0;
  return async (height) => {
    const known = kept.get(height);
    if (known !== undefined) return known;
    const events = await history(height);
    if (events === null) return null;
    const audited = events.filter(({ name, data }) => NAMES.has(name) && data.netuid === netuid);
    kept.set(height, audited.length === 0 ? NONE : audited);
    highest = Math.max(highest, height);
    if (kept.size > 2 * MAX_BLOCKS_BACK)
      for (const old of kept.keys()) if (old <= highest - MAX_BLOCKS_BACK) kept.delete(old);
    return audited;
  };
}
