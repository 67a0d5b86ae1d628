import { stat } from 'node:fs/promises';
import { createNativeSealCrypto } from '@cairn/chain';
import { type AccountClient, createAccountClient, type Payer, type SealParts } from '@cairn/sdk';
import type { DataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey } from '../data/role-keys.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import { createDataBuyer, type DataBuyer } from './data-buyer.ts';
import { type DataSeller, startDataSeller } from './seller-role.ts';

/** Name of the role that sells data sets. */
const SELLER = 'seller';
const PURCHASES = 'purchases';

export interface DataMarketParts {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly peers: NodePeers;
  /** The account that buys. */
  readonly buyer: AccountClient;
  readonly payer: Payer;
  readonly seal: SealParts;
  /** Sees to it that the seller's account can pay deposits and fees. */
  readonly fund: (seller: AccountClient) => Promise<void>;
}

/** Data sets of a node: a seller that starts with the first listing, and the owner as a buyer. */
export interface DataMarket extends AsyncDisposable {
  readonly roles: readonly RunningRole[];
  readonly buyer: DataBuyer;
  /** Starts the seller if it does not run yet. */
  seller(): Promise<DataSeller>;
}

/** Opens the market of a node; it goes on selling what it sold before. */
export async function openDataMarket(place: DataMarketParts): Promise<DataMarket> {
  const { parts, folder, peers } = place;
  await using stack = new AsyncDisposableStack();
  const roles: RunningRole[] = [];
  const records = stack.use(openRecordStore(folder.rolePath(PURCHASES)));
  const transport = stack.use(peers.join(`${place.buyer.address}/data`));
  let starting: Promise<DataSeller> | null = null;

  async function start(): Promise<DataSeller> {
    const key = await openRoleKey(folder, parts.crypto, SELLER, 'hotkey');
    const client = createAccountClient({ crypto: parts.crypto, signer: key.signer, ledger: parts.ledger });
    await place.fund(client);
    const seller = await startDataSeller(parts, {
      name: SELLER,
      client,
      transport: peers.join(key.address),
      records: openRecordStore(folder.rolePath(SELLER)),
      sealing: await openSealingKeys(folder.keysPath(SELLER), createNativeSealCrypto()),
    });
    roles.push(seller);
    return seller;
  }

  function seller(): Promise<DataSeller> {
    starting ??= start();
    starting.catch(() => {
      starting = null;
    });
    return starting;
  }

  if (await exists(folder.rolePath(SELLER))) await seller();
  const opened = stack.move();
  return {
    roles,
    seller,
    buyer: createDataBuyer({ parts, payer: place.payer, transport, seal: place.seal, records }),
    async [Symbol.asyncDispose]() {
      await (await starting?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await opened.disposeAsync();
    },
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
