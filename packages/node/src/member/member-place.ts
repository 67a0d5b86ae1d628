import type { PeerName } from '@cairn/protocol';
import { type AccountClient, createAccountClient, type RpcLedger } from '@cairn/sdk';
import type { Settings } from '../config/table.ts';
import type { DataFolder } from '../data/data-folder.ts';
import type { RoleKey } from '../data/role-keys.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { CheckingRole } from '../roles/checking-role.ts';
import type { GatewayRole } from '../roles/gateway-role.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { ensureFunds } from './funds.ts';

/** What a member is doing, for a person who waits. */
export type MemberStep =
  | { readonly step: 'joined'; readonly network: string; readonly chainId: string; readonly peer: string }
  | { readonly step: 'funded'; readonly address: string }
  | { readonly step: 'serves'; readonly model: string; readonly note: string }
  | { readonly step: 'checks'; readonly artifact: string };

/** What a role of a member starts from. */
export interface MemberPlace {
  readonly parts: NodeParts;
  readonly ledger: RpcLedger;
  readonly folder: DataFolder;
  readonly peers: NodePeers;
  /** Names of the nodes that were joined. */
  readonly nodes: readonly PeerName[];
  readonly settings: Settings;
  readonly onStep: (step: MemberStep) => void;
}

/** A role of a member at work. */
export interface StartedRole {
  readonly role: RunningRole;
  readonly gateway: GatewayRole | null;
  /** The key that holds the role's money. */
  readonly key: RoleKey;
  /** What it makes of the offers of others. @default it checks none */
  readonly checks?: CheckingRole;
}

/** The client of a key that has money, or was given some. @throws NodeError `NO_FUNDS` */
export async function fundedClient(
  { parts, ledger, onStep }: MemberPlace,
  { signer }: RoleKey,
): Promise<AccountClient> {
  const client = createAccountClient({ crypto: parts.crypto, signer, ledger });
  await ensureFunds(ledger, client);
  onStep({ step: 'funded', address: client.address });
  return client;
}
