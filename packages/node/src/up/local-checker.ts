import { bytesToHex } from '@cairn/core';
import { decodeCalibration } from '@cairn/mechanisms';
import type { BlobStore, LedgerReader } from '@cairn/protocol';
import { type AccountClient, createAccountClient } from '@cairn/sdk';
import { createReviewers } from '../checking/reviewers.ts';
import type { DataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey } from '../data/role-keys.ts';
import type { BundledCalibration, BundledModels } from '../models/bundled.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import { type CheckingRole, startCheckingRole } from '../roles/checking-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import type { LocalAccounts } from './bootstrap.ts';
import type { LocalModels } from './local-models.ts';
import { CHECKER } from './plan.ts';

export interface LocalCheckerPlace {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly peers: NodePeers;
  readonly models: LocalModels;
  readonly bundled: BundledModels;
  readonly blobs: BlobStore;
}

/** Checks the providers of the local network in the name of its owner, by the limits that come with the models. */
export async function startLocalChecker(place: LocalCheckerPlace): Promise<CheckingRole> {
  const { parts, folder, accounts, peers, models, bundled, blobs } = place;
  const key = await openRoleKey(folder, parts.crypto, CHECKER, 'hotkey');
  const shopper = createAccountClient({ crypto: parts.crypto, signer: key.signer, ledger: parts.ledger });
  const honest = [...models.serves].filter(([name]) => name !== 'cheat');
  return startCheckingRole(parts, {
    name: CHECKER,
    client: accounts.owner,
    shopper,
    transport: peers.join(accounts.owner.address),
    shopperTransport: peers.join(shopper.address),
    records: openRecordStore(folder.rolePath(CHECKER)),
    blobs,
    reviewers: createReviewers(
      honest.map(([, { artifact, model }]) => ({ artifact: artifact.sha256, model })),
    ),
    nodes: [],
    async prepare(publish) {
      for (const calibration of bundled.calibrations)
        await ensureCalibration(parts.ledger, accounts.owner, calibration, publish);
    },
  });
}

/** Publishes a calibration unless the ledger names it already, and serves it. */
async function ensureCalibration(
  ledger: Pick<LedgerReader, 'query'>,
  owner: AccountClient,
  { model, artifact, bytes }: BundledCalibration,
  publish: (bytes: Uint8Array) => Promise<string>,
): Promise<void> {
  const id = await publish(bytes);
  const { engine } = decodeCalibration(bytes);
  const asked = { model: bytesToHex(model), artifact: bytesToHex(artifact) };
  const rows = await ledger.query<{ engine: string; calibration: string }[]>(
    'verification_calibrations',
    asked,
  );
  if (rows.some((row) => row.engine === engine && row.calibration === id)) return;
  const calibration = Uint8Array.from(Buffer.from(id, 'hex'));
  await owner.send('verification.publishCalibration', {
    ...{ model, artifact, engine, calibration },
    sizeBytes: bytes.length,
  });
}
