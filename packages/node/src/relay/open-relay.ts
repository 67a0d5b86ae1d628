import type { Transport } from '@cairn/protocol';
import type { Settings } from '../config/table.ts';
import type { NodeParts } from '../roles/parts.ts';
import { createProviderCheck } from './provider-check.ts';
import { serveRelay } from './relay-server.ts';

/** Name among the roles of a node that has no gateway. */
export const RELAY = 'relay';

/**
 * Passes sealed requests of others on where the setting says so; null where it does not.
 *
 * @param join gives what it is reached by
 */
export function openRelay(
  parts: NodeParts,
  { relayForOthers }: Pick<Settings, 'relayForOthers'>,
  join: () => Transport,
): Disposable | null {
  if (relayForOthers !== 'on') return null;
  const transport = join();
  parts.log.info('sealed requests of others are passed on', { relay: transport.peer });
  return serveRelay({ ...parts, transport, isProvider: createProviderCheck(parts) });
}
