import { bytesToHex, type Crypto, decode, encode, type Random } from '@cairn/core';
import { chainIdOf, type Genesis, genesisShape } from '@cairn/ledger';
import { beaconNamed } from '../beacon/quicknet.ts';
import type { Settings } from '../config/table.ts';
import { type DataFolder, readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { NodeError } from '../errors.ts';
import type { LocalKeys } from './local-keys.ts';
import { LOCAL_FUNDS, LOCAL_VALIDATOR_POWER } from './plan.ts';

/**
 * The genesis of the folder: read if there is one, else made for a local network whose wallets are funded.
 *
 * @throws NodeError `DATA_FOLDER_MALFORMED`
 */
export async function openLocalGenesis(
  parts: { folder: DataFolder; crypto: Crypto; random: Random },
  settings: Settings,
  keys: LocalKeys,
  nowMs: number,
): Promise<Genesis> {
  const { folder, crypto, random } = parts;
  const stored = await readGenesis(folder.genesisPath);
  if (stored !== null) return stored;
  return writeGenesis(
    crypto,
    folder.genesisPath,
    createLocalGenesis(settings, keys, random.bytes(32), nowMs),
  );
}

/** Null when there is none. @throws NodeError `DATA_FOLDER_MALFORMED` */
export async function readGenesis(path: string): Promise<Genesis | null> {
  const stored = await readJsonFile(path);
  return stored === undefined ? null : parseGenesis(path, stored);
}

/** Writes a genesis. Returns it as it is read back. */
export async function writeGenesis(crypto: Crypto, path: string, genesis: Genesis): Promise<Genesis> {
  // Through its own bytes, so that what is kept is what was hashed.
  const kept = decode(genesisShape, encode(genesisShape, genesis));
  const chainId = bytesToHex(chainIdOf(crypto, kept));
  await writeJsonFile(path, { chainId, genesis: genesisShape.toJson(kept) });
  return kept;
}

function parseGenesis(path: string, stored: unknown): Genesis {
  try {
    return genesisShape.fromJson((stored as { genesis?: unknown }).genesis);
  } catch (cause) {
    throw new NodeError(
      { code: 'DATA_FOLDER_MALFORMED', path },
      `The genesis ${path} is damaged. Restore a backup, or start over with ./cairn up --reset.`,
      { cause },
    );
  }
}

/** Parameters of a network on one machine: nobody waits a week to see a vote. */
export function localParameters(settings: Pick<Settings, 'slotMs' | 'tempo'>): Genesis['parameters'] {
  const parameters = {
    slotMs: BigInt(settings.slotMs),
    minTempo: 5n,
    defaultTempo: BigInt(settings.tempo),
    defaultImmunitySlots: BigInt(settings.tempo) * 30n,
    defaultWeightsRateLimitSlots: 1n,
    defaultRegistrationsPerBlock: 16n,
    channelDisputeBlocks: 20n,
    // Validators and the accused look at a case within seconds here.
    verdictSlots: 20n,
    // Blocks come so fast here that three of them may pass before a command has opened what it sealed.
    sealedOrderWindow: 16n,
    // A vote takes a minute here, not a week.
    votingSlots: 60n,
    pauseVotingSlots: 30n,
    convictionSlots: 60n,
    parameterTimeLockSlots: 20n,
    grantTimeLockSlots: 10n,
    ruleTimeLockSlots: 30n,
    councilDelaySlots: 20n,
    unbondingSlots: 10n,
    stakeUnlockSlots: 300n,
    stakeMaturitySlots: 300n,
  };
  return Object.entries(parameters).map(([name, value]) => ({ name, value }));
}

function createLocalGenesis(settings: Settings, keys: LocalKeys, salt: Uint8Array, nowMs: number): Genesis {
  return {
    name: 'cairn-local',
    kind: 'local',
    timeMs: BigInt(nowMs),
    salt,
    parameters: localParameters(settings),
    // The operator makes all blocks; who stakes enough may vote beside it once there are several machines.
    validators: [
      {
        publicKey: keys.consensus.signer.publicKey,
        account: keys.owner.account,
        power: LOCAL_VALIDATOR_POWER,
      },
    ],
    beacon: beaconNamed(settings.beacon),
    funds: [
      { account: keys.owner.account, amount: LOCAL_FUNDS.owner },
      { account: keys.gateway.account, amount: LOCAL_FUNDS.gateway },
      ...keys.miners.flatMap(({ coldkey, hotkey }) => [
        { account: coldkey.account, amount: LOCAL_FUNDS.minerColdkey },
        { account: hotkey.account, amount: LOCAL_FUNDS.minerHotkey },
      ]),
      ...keys.validators.flatMap(({ coldkey, hotkey }) => [
        { account: coldkey.account, amount: LOCAL_FUNDS.validatorColdkey },
        { account: hotkey.account, amount: LOCAL_FUNDS.validatorHotkey },
      ]),
    ],
  };
}
