import { areBytesEqual, authorize, bytesToHex, type Crypto, encode, hexToBytes } from '@cairn/core';
import { hotkeySignBytes, type ModelCard, modelIdOf, type OfferTerms, offerTermsShape } from '@cairn/ledger';
import { BUNDLE_VERSION, createCrontabMechanism } from '@cairn/mechanisms';
import type { LedgerReader, LedgerWriter } from '@cairn/protocol';
import { type AccountClient, createAccountClient } from '@cairn/sdk';
import type { RoleKey } from '../data/role-keys.ts';
import { fetchOffers } from '../validator/subnet-view.ts';
import type { LocalKeys, WorkerKeys } from './local-keys.ts';
import { LOCAL_STAKE, LOCAL_SUBNET_NAME, ROLE_MONEY } from './plan.ts';

export interface BootstrapParts {
  readonly crypto: Crypto;
  readonly ledger: LedgerReader & LedgerWriter;
}

/** Accounts of the local network, ready to send. */
export interface LocalAccounts {
  readonly owner: AccountClient;
  readonly gateway: AccountClient;
  readonly workers: ReadonlyMap<string, { coldkey: AccountClient; hotkey: AccountClient }>;
}

export function createLocalAccounts({ crypto, ledger }: BootstrapParts, keys: LocalKeys): LocalAccounts {
  const client = ({ signer }: RoleKey) => createAccountClient({ crypto, signer, ledger });
  return {
    owner: client(keys.owner),
    gateway: client(keys.gateway),
    workers: new Map(
      [...keys.miners, ...keys.validators].map(({ name, coldkey, hotkey }) => [
        name,
        { coldkey: client(coldkey), hotkey: client(hotkey) },
      ]),
    ),
  };
}

interface SubnetRow {
  readonly netuid: number;
  readonly name: string;
}

/**
 * Brings the chain to where the local network can work: the subnet, its neurons, their stake. Looks first and
 * sends only what is missing, so a restart sends nothing.
 *
 * @returns the netuid of the local subnet
 */
export async function bootstrapSubnet(
  parts: BootstrapParts,
  keys: LocalKeys,
  accounts: LocalAccounts,
): Promise<number> {
  const netuid = await ensureSubnet(parts.ledger, accounts.owner);
  await ensureMeasure(parts, accounts.owner, netuid);
  const workers = [...keys.validators, ...keys.miners];
  await Promise.all(workers.map((worker) => ensureNeuron(parts, accounts, worker, netuid)));
  await Promise.all(keys.validators.map((worker) => ensureStake(parts.ledger, accounts, worker)));
  return netuid;
}

async function ensureSubnet(ledger: LedgerReader, owner: AccountClient): Promise<number> {
  const find = async () =>
    (await ledger.query<{ subnets: SubnetRow[] }>('subnets_list', {})).subnets.find(
      ({ name }) => name === LOCAL_SUBNET_NAME,
    );
  const found = await find();
  if (found !== undefined) return found.netuid;
  await owner.send('subnets.create', { name: LOCAL_SUBNET_NAME, lockLimit: await owner.spendable() });
  return (await find())!.netuid;
}

/** Declares by which program the subnet scores, so that evidence of another is not attested. */
async function ensureMeasure(
  { crypto, ledger }: BootstrapParts,
  owner: AccountClient,
  netuid: number,
): Promise<void> {
  const { mechanisms } = await ledger.query<{ mechanisms: { measure: unknown }[] }>('subnets_get', {
    netuid,
  });
  if (mechanisms[0]!.measure !== null) return;
  const { id, version } = createCrontabMechanism({ crypto }).manifest;
  const evidenceVersion = BUNDLE_VERSION;
  await owner.send('subnets.declareMeasure', { netuid, mechanism: 0, id, version, evidenceVersion });
}

async function ensureNeuron(
  { ledger }: BootstrapParts,
  accounts: LocalAccounts,
  worker: WorkerKeys,
  netuid: number,
): Promise<void> {
  const { coldkey, hotkey } = accounts.workers.get(worker.name)!;
  const sent: Promise<unknown>[] = [];
  if ((await ledger.query('staking_hotkey', { hotkey: hotkey.address })) === null) {
    const message = hotkeySignBytes(hexToBytes(ledger.chainId), coldkey.account);
    sent.push(
      coldkey.send('staking.associateHotkey', { hotkey: await authorize(worker.hotkey.signer, message) }),
    );
  }
  const { neurons } = await ledger.query<{ neurons: { hotkey: string }[] }>('subnets_metagraph', { netuid });
  if (!neurons.some((neuron) => neuron.hotkey === hotkey.address)) {
    const burnLimit = await coldkey.spendable();
    sent.push(coldkey.send('subnets.registerNeuron', { netuid, hotkey: hotkey.account, burnLimit }));
  }
  await Promise.all(sent);
}

async function ensureStake(
  ledger: LedgerReader,
  accounts: LocalAccounts,
  { name }: WorkerKeys,
): Promise<void> {
  const { coldkey, hotkey } = accounts.workers.get(name)!;
  const found = await ledger.query<{ totalStake: string }>('staking_hotkey', { hotkey: hotkey.address });
  if (BigInt(found.totalStake) > 0n) return;
  await coldkey.send('staking.stake', { hotkey: hotkey.account, amount: LOCAL_STAKE });
}

/** Gives the account of a role of this network its first money, if it has none. */
export async function fundRole(owner: AccountClient, role: AccountClient): Promise<void> {
  if ((await role.spendable()) > 0n) return;
  await owner.send('accounts.transfer', { to: role.account, amount: ROLE_MONEY });
}

/** Publishes a model unless it is there. @returns its id */
export async function ensureModel(
  { crypto, ledger }: BootstrapParts,
  owner: AccountClient,
  card: ModelCard,
): Promise<Uint8Array> {
  const id = modelIdOf(crypto, card);
  const found = await ledger.query('registry_model', { model: bytesToHex(id) });
  if (found === null) await owner.send('registry.publishModel', { card });
  return id;
}

/** Publishes an offer unless the same stands. */
export async function ensureOffer(
  { ledger }: BootstrapParts,
  provider: AccountClient,
  terms: OfferTerms,
): Promise<void> {
  const listed = await fetchOffers(ledger);
  const wanted = encode(offerTermsShape, terms);
  const stands = listed.some(
    (offer) =>
      areBytesEqual(offer.provider, provider.account) &&
      areBytesEqual(encode(offerTermsShape, offer.terms), wanted),
  );
  if (!stands) await provider.send('registry.publishOffer', { terms });
}
