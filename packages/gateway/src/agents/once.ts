import { utf8ToBytes } from '@cairn/core';
import type { EndpointContext } from '../endpoints/endpoint.ts';

/** One thing that is paid, under the name that its payer gave it. */
export interface PaidOnce {
  readonly caller: string;
  readonly key: string;
  readonly path: string;
  /** What the key is bound to. */
  readonly body: string;
}

/**
 * Does something paid once for each key: what came of it is told again, also when that was a failure. It is
 * forgotten only when nothing was spent for certain.
 */
export async function onceFor(
  context: EndpointContext,
  { caller, key, path, body }: PaidOnce,
  run: (onSpent: () => void) => Promise<{ readonly told: object; readonly isSpent: boolean }>,
): Promise<object> {
  const slot = await context.claim(key, caller, path, utf8ToBytes(body));
  if (slot.replay !== null) return { ...JSON.parse(slot.replay.body), replayed: true };
  try {
    const { told, isSpent } = await run(slot.spend);
    if (isSpent) slot.keep({ status: 200, headers: {}, body: JSON.stringify(told) });
    return told;
  } finally {
    slot.forget();
  }
}
