import { accountIdOf, type Crypto, hexToBytes, type Random } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { beaconNamed } from '../beacon/quicknet.ts';
import type { Settings } from '../config/table.ts';
import { type DataFolder, openDataFolder, readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { openRoleKey } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import { type ChainIdentity, chainIdentity } from '../roles/chain-role.ts';
import { localParameters, readGenesis, writeGenesis } from '../up/local-genesis.ts';
import { LOCAL_FUNDS, LOCAL_VALIDATOR_POWER, OWNER } from '../up/plan.ts';

export interface SetUpParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly nowMs: number;
}

/** A node that is ready to start. */
export interface NodeSetUp extends ChainIdentity {
  readonly data: string;
  readonly genesisPath: string;
}

export interface NewNetwork {
  readonly name: string;
  /** A real network funds nobody; a local one funds the owners of its nodes. */
  readonly kind: Genesis['kind'];
  /** Consensus keys, in hex, that vote from the start beside that of this node. */
  readonly validators: readonly string[];
  /** Randomness beacon to whose rounds weights can be locked, `quicknet` or `none`. @default 'none' */
  readonly beacon?: Settings['beacon'];
}

/** Settings kept in the folder, for the starts to come. */
type Kept = Partial<Omit<Settings, 'data'>>;

/** The identity of a node, whose keys are made on first use. */
export function showNode(parts: SetUpParts, data: string): Promise<NodeSetUp> {
  return withFolder(data, (folder) => describe(parts, folder));
}

/**
 * Begins a network of which this node is a validator.
 *
 * @throws NodeError `NODE_EXISTS` when the folder has a genesis
 */
export function initNode(
  parts: SetUpParts,
  data: string,
  network: NewNetwork,
  kept: Kept,
): Promise<NodeSetUp> {
  return withFolder(data, async (folder) => {
    await refuseGenesis(folder);
    const own = await describe(parts, folder);
    const owner = await openRoleKey(folder, parts.crypto, OWNER, 'coldkey');
    const others = network.validators.map((key) => {
      const publicKey = hexToBytes(key);
      return validatorOf(publicKey, accountIdOf(parts.crypto, 'ed25519', publicKey));
    });
    const genesis = genesisOf(parts, network, {
      validators: [validatorOf(hexToBytes(own.consensusKey), owner.account), ...others],
      owners: [owner.account],
    });
    await writeGenesis(parts.crypto, folder.genesisPath, genesis);
    await keepSettings(folder, { engine: 'cometbft', ...kept });
    return own;
  });
}

/**
 * Enters a network whose genesis was given.
 *
 * @throws NodeError `NODE_EXISTS`, `GENESIS_MISSING`, `DATA_FOLDER_MALFORMED`
 */
export function joinNode(
  parts: SetUpParts,
  data: string,
  genesisFile: string,
  kept: Kept,
): Promise<NodeSetUp> {
  return withFolder(data, async (folder) => {
    await refuseGenesis(folder);
    const genesis = await readGenesis(genesisFile);
    if (genesis === null) {
      throw new NodeError(
        { code: 'GENESIS_MISSING', path: genesisFile },
        `There is no file ${genesisFile}. Ask somebody in the network for its genesis.json.`,
      );
    }
    await writeGenesis(parts.crypto, folder.genesisPath, genesis);
    await keepSettings(folder, { engine: 'cometbft', ...kept });
    return describe(parts, folder);
  });
}

/** A node of a network on one machine. */
export interface LocalNode {
  readonly data: string;
  /** Settings that are its own, such as its ports. */
  readonly kept: Kept & { readonly consensusListen: string };
}

/**
 * Makes all nodes of a network on one machine, each with its own folder, keys and ports, and one genesis.
 *
 * @throws NodeError `NODE_EXISTS`
 */
export async function initLocalNodes(
  parts: SetUpParts,
  network: Omit<NewNetwork, 'validators'>,
  settings: Pick<Settings, 'slotMs' | 'tempo'>,
  nodes: readonly LocalNode[],
): Promise<readonly NodeSetUp[]> {
  const made = await Promise.all(
    nodes.map(({ data }) =>
      withFolder(data, async (folder) => {
        await refuseGenesis(folder);
        const owner = await openRoleKey(folder, parts.crypto, OWNER, 'coldkey');
        return { ...(await describe(parts, folder)), owner: owner.account };
      }),
    ),
  );
  const genesis = genesisOf(
    parts,
    { ...network, validators: [] },
    {
      validators: made.map(({ consensusKey, owner }) => validatorOf(hexToBytes(consensusKey), owner)),
      owners: made.map(({ owner }) => owner),
      settings,
    },
  );
  const addresses = made.map(({ nodeId }, at) => `${nodeId}@${nodes[at]!.kept.consensusListen}`);
  for (const [at, { data, kept }] of nodes.entries()) {
    const peers = addresses.filter((_, other) => other !== at).join(',');
    await withFolder(data, async (folder) => {
      await writeGenesis(parts.crypto, folder.genesisPath, genesis);
      await keepSettings(folder, { engine: 'cometbft', ...kept, peers });
    });
  }
  return made;
}

const validatorOf = (publicKey: Uint8Array, account: Uint8Array) => ({
  publicKey,
  account,
  power: LOCAL_VALIDATOR_POWER,
});

function genesisOf(
  { random, nowMs }: SetUpParts,
  { name, kind, beacon = 'none' }: NewNetwork,
  {
    validators,
    owners,
    settings,
  }: {
    validators: Genesis['validators'];
    owners: readonly Uint8Array[];
    settings?: Pick<Settings, 'slotMs' | 'tempo'>;
  },
): Genesis {
  const isLocal = kind === 'local';
  return {
    ...{ name, kind, validators },
    timeMs: BigInt(nowMs),
    salt: random.bytes(32),
    parameters: settings === undefined ? [] : localParameters(settings),
    beacon: beaconNamed(beacon),
    funds: isLocal ? owners.map((account) => ({ account, amount: LOCAL_FUNDS.owner })) : [],
  };
}

async function describe({ crypto }: SetUpParts, folder: DataFolder): Promise<NodeSetUp> {
  const identity = await chainIdentity(folder, crypto, OWNER);
  return { data: folder.path, genesisPath: folder.genesisPath, ...identity };
}

async function refuseGenesis({ path, genesisPath }: DataFolder): Promise<void> {
  if ((await readGenesis(genesisPath)) === null) return;
  throw new NodeError(
    { code: 'NODE_EXISTS', path },
    `${path} belongs to a network already. Start it with ./cairn node start, or name another folder with --data.`,
  );
}

async function keepSettings({ configPath }: DataFolder, kept: Kept): Promise<void> {
  const before = (await readJsonFile(configPath)) ?? {};
  await writeJsonFile(configPath, { ...(before as object), ...kept });
}

async function withFolder<T>(data: string, action: (folder: DataFolder) => Promise<T>): Promise<T> {
  await using folder = await openDataFolder(data);
  // Awaited here: the folder is let go when this returns.
  return await action(folder);
}
