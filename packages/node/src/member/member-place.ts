import type { PeerName, RunView } from '@cairn/protocol';
import { type AccountClient, createAccountClient, type RpcLedger } from '@cairn/sdk';
import type { TrainerProgress } from '@cairn/training';
import type { ComputeDesk } from '../compute/compute-desk.ts';
import type { Settings } from '../config/table.ts';
import type { DataFolder } from '../data/data-folder.ts';
import type { RoleKey } from '../data/role-keys.ts';
import type { DataMarket } from '../datasets/data-market.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { CheckingRole } from '../roles/checking-role.ts';
import type { GatewayRole } from '../roles/gateway-role.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import type { Library } from '../training/library/library.ts';
import { ensureFunds } from './funds.ts';

export interface MemberOptions {
  readonly settings: Settings;
  readonly role: 'miner' | 'gateway' | 'hub' | 'validator' | 'trainer' | 'compute';
  /** Id of the run that a trainer joins, in hex, or its first digits. @default the only one that is open */
  readonly run?: string;
  /** Asked before a trainer puts up its bond; what it throws ends the start. */
  readonly beforeBond?: (run: RunView) => Promise<void>;
  /** Told how the rounds of a trainer go. */
  readonly onTraining?: (progress: TrainerProgress) => void;
  /** Where the programs that run images are looked for. @default nowhere */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log: NodeParts['log'];
  readonly onStep?: (step: MemberStep) => void;
}

/** What a member is doing, for a person who waits. */
export type MemberStep =
  | { readonly step: 'joined'; readonly network: string; readonly chainId: string; readonly peer: string }
  | { readonly step: 'funded'; readonly address: string }
  | { readonly step: 'serves'; readonly model: string; readonly note: string }
  | { readonly step: 'checks'; readonly artifact: string }
  | { readonly step: 'trains'; readonly run: string; readonly name: string };

/** Where a role starts: the network it joined and its folder. */
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

/** A role that started, and what else came with it. */
export interface StartedRole {
  readonly role: RunningRole;
  readonly gateway: GatewayRole | null;
  /** The key that holds the role's money. */
  readonly key: RoleKey;
  /** Absent on a node that has no account to buy with. */
  readonly market?: DataMarket;
  /** What it makes of the offers of others. @default it checks none */
  readonly checks?: CheckingRole;
  /** What a trainer or validator holds of training runs, for browsers beside it. */
  readonly library?: Library;
  /** Absent on a node that deploys and calls no functions. */
  readonly compute?: ComputeDesk;
}

/** The client of a key, once its account can pay. @throws NodeError `NO_FUNDS` */
export async function fundedClient(
  { parts, ledger, onStep }: MemberPlace,
  { signer }: RoleKey,
): Promise<AccountClient> {
  const client = createAccountClient({ crypto: parts.crypto, signer, ledger });
  await ensureFunds(ledger, client);
  onStep({ step: 'funded', address: client.address });
  return client;
}
