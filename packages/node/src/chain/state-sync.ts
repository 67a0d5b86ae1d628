import type { StateSyncOptions } from '@cairn/chain';
import type { Settings } from '../config/table.ts';
import { NodeError } from '../errors.ts';

export type StateSyncSettings = Pick<Settings, 'stateSyncServers' | 'trustHeight' | 'trustHash'>;

/** Where a node answers for headers and votes. */
export const READ_RPC_PATH = '/comet';

/**
 * From where a node without blocks takes a state, and on whose word; null when it executes all blocks.
 *
 * @throws NodeError `STATE_SYNC_MALFORMED`
 */
export function stateSyncOf({
  stateSyncServers,
  trustHeight,
  trustHash,
}: StateSyncSettings): StateSyncOptions | null {
  const servers = stateSyncServers
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
  if (servers.length === 0) return null;
  if (trustHeight < 1)
    throw malformed('no trusted height', 'Name the height of a block you trust with --trust-height.');
  if (!/^[0-9a-f]{64}$/i.test(trustHash))
    throw malformed(
      'no trusted hash',
      'Name the hash of the trusted block with --trust-hash: 64 hexadecimal digits.',
    );
  return { servers: servers.map(serverUrl), trustHeight, trustHash: trustHash.toLowerCase() };
}

/** The address of a node stands for the place where it answers. */
function serverUrl(server: string): string {
  let url: URL;
  try {
    url = new URL(server.includes('://') ? server : `http://${server}`);
  } catch (cause) {
    throw malformed(
      'an address that is none',
      'Write the servers as http://host:port, with commas between.',
      cause,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw malformed(`protocol ${url.protocol}`, 'Write the servers as http://host:port.');
  if (url.pathname === '/') url.pathname = READ_RPC_PATH;
  return url.href;
}

function malformed(what: string, advice: string, cause?: unknown): NodeError {
  return new NodeError(
    { code: 'STATE_SYNC_MALFORMED', what },
    `State sync has ${what}. ${advice}`,
    cause === undefined ? {} : { cause },
  );
}
