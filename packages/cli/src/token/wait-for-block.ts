import { askNode } from '../answer/ask-node.ts';
import { asCount, asObject } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';

/** @throws CliError `NOT_FOUND` when the node ends its events without that block */
export async function waitForBlock(connection: Connection, height: number): Promise<void> {
  const { ledger } = connection;
  const status = await askNode(connection, 'chain_status', {}, asObject({ height: asCount }));
  if (status.height >= height) return;
  for await (const event of ledger.events({ names: ['chain.committed'], from: height }))
    if (event.height >= height) return;
  throw new CliError(
    { code: 'NOT_FOUND', what: `block ${height}` },
    `Block ${height} did not come. See ./cairn status, then ./cairn token show.`,
  );
}
