import type { Logger } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { type AccountClient, createChannelLedger, createPayer, type Payer } from '@cairn/sdk';
import type { NodeParts } from './parts.ts';

export interface OpenPayerOptions {
  readonly log: Logger;
  readonly client: AccountClient;
  readonly records: RecordStore;
}

/** The payer of a role, with the channels that its records know and those that only the ledger knows. */
export async function openPayer(
  parts: NodeParts,
  { log, client, records }: OpenPayerOptions,
): Promise<Payer> {
  const ledger = createChannelLedger(client, parts.ledger);
  const payer = createPayer({
    ...parts,
    log,
    signer: client.signer,
    account: client.account,
    ledger,
    records,
  });
  for (const { id, channel } of await ledger.own()) payer.adopt(id, channel);
  return payer;
}
