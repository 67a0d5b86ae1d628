import { type AccountId, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { ModelCard, OfferTerms, Price } from '@cairn/ledger';
import type { BlobStore, InferenceEngine, LoadedModel, PeerName, RecordStore } from '@cairn/protocol';
import { type AccountClient, createAccountClient } from '@cairn/sdk';
import type { RoleKey } from '../data/role-keys.ts';
import type { RegisteredCard } from '../member/find-card.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import { type MinerRole, startMinerRole } from '../roles/miner-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import type { SealingKeyring } from '../sealing/sealing-keys.ts';
import { ensureModel } from '../up/bootstrap.ts';
import { kindOf, offeredCapabilities } from './offered-capabilities.ts';
import type { ResolvedModel } from './resolve-model.ts';

export interface ServeModelParts extends NodeParts {
  /** llama.cpp of this process. */
  readonly llama: InferenceEngine;
  /** Publishes the card and pays for the new miner's start. */
  readonly owner: AccountClient;
}

export interface ServeModelOptions {
  readonly role: string;
  readonly key: RoleKey;
  /** The miner joins them under its address. */
  readonly peers: NodePeers;
  readonly records: RecordStore;
  readonly sealing: SealingKeyring;
  readonly resolved: ResolvedModel;
  /** `owner/model`. @default `local/` and the file's name */
  readonly name?: string;
  /** A card that it can be served under; null: none is registered. @default a new one */
  readonly findCard?: () => Promise<RegisteredCard | null>;
  readonly price: Price;
  readonly threads: number;
  /** Whether its offer ends with this process. @default false */
  readonly isPassing?: boolean;
  readonly maxContextTokens: number;
  /** Of the hardware it runs in. @default none */
  readonly quote?: Uint8Array;
  /** Keeps what it shows when it is accused. @default it answers no cases */
  readonly blobs?: BlobStore;
  /** Nodes that this one joined. @default none */
  readonly nodes?: readonly PeerName[];
}

/** What a new miner is given to pay its fees, in pebbles. */
const START_MONEY = PEBBLES_PER_CAIRN;

export interface ServedRole {
  readonly role: MinerRole;
  readonly card: ModelCard;
  readonly model: Uint8Array;
  readonly loaded: LoadedModel;
}

/**
 * Puts a model on the market: loads it, gives its miner an account, registers its card and offers it outside
 * subnets, where nobody scores and everybody may pay.
 *
 * @throws EngineError when it cannot be loaded, SdkError when the ledger refuses
 */
export async function serveModel(parts: ServeModelParts, options: ServeModelOptions): Promise<ServedRole> {
  const { resolved, key, threads, findCard = async () => null } = options;
  const known = await findCard();
  const client = createAccountClient({ crypto: parts.crypto, signer: key.signer, ledger: parts.ledger });
  const engine = resolved.engine ?? parts.llama;
  const contextTokens = resolved.engine === null ? { contextTokens: options.maxContextTokens } : {};
  const loaded = await engine.load(resolved.file, { threads, ...contextTokens });

  /** Others may have registered the file in the meantime: all of them then take the same card. */
  async function register(): Promise<RegisteredCard> {
    const card = createCard(options, parts.owner.account, loaded);
    const id = await ensureModel(parts, parts.owner, card);
    return (await findCard()) ?? { id, card };
  }

  try {
    const { card, id: model } = known ?? (await register());
    if ((await client.spendable()) === 0n)
      await parts.owner.send('accounts.transfer', { to: key.account, amount: START_MONEY });
    const transport = options.peers.join(client.address);
    const terms = createTerms(options, model, loaded, transport.peer);
    const note = `${card.name} (${resolved.artifact.quantisation})`;
    const { role: name, records, sealing, peers, quote, blobs, nodes = [] } = options;
    const shown = { nodes, ...(quote !== undefined && { quote }), ...(blobs !== undefined && { blobs }) };
    const place = { name, note, client, transport, records, sealing, device: peers.device, ...shown };
    return {
      role: await startMinerRole(parts, {
        ...{ ...place, terms, model: loaded, isPassing: options.isPassing === true },
        ...(resolved.file.format === 'gguf' ? { file: resolved.file.location } : {}),
      }),
      card,
      model,
      loaded,
    };
  } catch (error) {
    await loaded[Symbol.asyncDispose]();
    throw error;
  }
}

function createCard(
  { resolved, name }: ServeModelOptions,
  owner: AccountId,
  { capabilities }: LoadedModel,
): ModelCard {
  return {
    name: name ?? `local/${resolved.shortName}`,
    version: '1',
    owner,
    kind: kindOf(capabilities),
    description: '',
    artifacts: [resolved.artifact],
    parameters: resolved.parameters,
    contextTokens: capabilities.contextTokens,
    licence: resolved.licence,
    parents: [],
    capabilities: [],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
  };
}

function createTerms(
  { resolved, price, quote }: ServeModelOptions,
  model: Uint8Array,
  { capabilities }: LoadedModel,
  peer: string,
): OfferTerms {
  return {
    netuid: 0,
    model,
    artifact: resolved.artifact.sha256,
    price,
    maxConcurrency: 4,
    contextTokens: capabilities.contextTokens,
    capabilities: offeredCapabilities(capabilities),
    // Without token ids nobody can re-check an answer.
    tier: quote !== undefined ? 3 : capabilities.tokenIds === true ? 1 : 0,
    retainsData: false,
    trainsOnData: false,
    expirySlot: 10_000_000n,
    regions: [],
    peer,
  };
}
