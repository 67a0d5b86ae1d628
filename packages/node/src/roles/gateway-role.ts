import { type AccountId, accountIdToAddress, bytesToHex } from '@cairn/core';
import { type AgentPorts, createGateway, createLedgerCatalogue, type Gateway } from '@cairn/gateway';
import type { Offer } from '@cairn/ledger';
import type { PeerName, PrivacyLevel, RecordStore, SelfTestCase, Transport } from '@cairn/protocol';
import {
  type AccountClient,
  type Allowance,
  addFee,
  createChannelLedger,
  createRelayedTransport,
  fetchAllowance,
  type HowOpened,
  type HubToPay,
  type InferRequest,
  infer,
  type Payer,
  type SealMode,
} from '@cairn/sdk';
import { createAttestationBook } from '../attestation/attestation-book.ts';
import { fetchQuote } from '../attestation/quote-exchange.ts';
import { VENDOR_ROOTS, type VendorRoots } from '../attestation/vendor-roots.ts';
import { createDisclosing } from '../checking/disclosing.ts';
import { createReviewSender } from '../checking/review-desk.ts';
import { createSealParts, levelOf } from '../sealing/seal-parts.ts';
import { NO_TRACER } from '../telemetry/tracer.ts';
import { createGatewayWatch } from '../telemetry/watch-gateway.ts';
import { watchTransport } from '../telemetry/watch-transport.ts';
import { isCheapEnough } from '../validator/question-price.ts';
import { createAgentPorts } from './agent-ports.ts';
import { backgroundTask } from './background-task.ts';
import { resolveAlias } from './model-aliases.ts';
import { openPayer } from './open-payer.ts';
import type { NodeParts, RunningRole } from './parts.ts';
import { createQualityBook } from './quality-book.ts';

export interface GatewayRoleOptions {
  /** The account that pays for requests. */
  readonly client: AccountClient;
  /** Whose money it spends as a sub-key: within that one's caps, and on its models only. @default its own */
  readonly spendFor?: AccountId;
  readonly transport: Transport;
  /** Peer that passes what is asked on to providers, which are then never dialled. @default none */
  readonly relay?: PeerName;
  /** Pays providers for this gateway, whose only channel goes to it. @default providers are paid directly */
  readonly hub?: HubToPay;
  readonly records: RecordStore;
  /** 32 bytes under which answers are kept for callers who ask again with the same key. @default they end with it */
  readonly keptKey?: Uint8Array;
  /** Files and batches of callers. */
  readonly storage: RecordStore;
  /** Keys that callers from elsewhere must show. */
  readonly keys: readonly string[];
  /** Pebbles that one answer may cost at most. */
  readonly mostPerAnswer: bigint;
  /** Subnet that channels of callers without a key name, when they may pay. @default they cannot */
  readonly sellOn?: number;
  /** Whether agents may send its money. @default false */
  readonly agentPayments?: boolean;
  /** Deploys for agents that may send its money. @default nothing is deployed */
  readonly deploy?: AgentPorts['deploy'];
  /** Model that is listed first. */
  readonly firstModel: string;
  /** Where spans go. @default nowhere */
  /** Whose signatures are believed under quotes of hardware. @default those of Intel and AMD */
  readonly roots?: VendorRoots;
  /** Whether providers get the trace of a request. @default true */
  readonly tellsProviders?: boolean;
  /** Known question of a model by its hex id. */
  readonly knownQuestion: (model: string) => SelfTestCase | null;
  /** @default 'prefer' */
  readonly seal?: SealMode;
  /** Nodes that this one joined, through which validators are reached. @default none */
  readonly nodes?: readonly PeerName[];
}

/** An answer a user got, for the panel: what it said is not kept. */
export interface AnsweredRequest {
  readonly atMs: number;
  readonly provider: string;
  readonly model: string;
  readonly receipt: string;
  /** Pebbles. */
  readonly cost: bigint;
  readonly tokens: number;
}

export interface GatewayRole extends RunningRole {
  readonly kind: 'gateway';
  readonly gateway: Gateway;
  readonly payer: Payer;
  /** The newest first, at most 20. */
  readonly answered: readonly AnsweredRequest[];
  /** Who could read what is asked of an offer now. */
  levelOf(offer: Offer): Promise<PrivacyLevel>;
}

const MAX_ANSWERED = 20;
const CLAIM_EVERY_BLOCKS = 10;

/** The OpenAI-compatible endpoint of this node: finds, pays and checks providers from one account. */
export async function startGatewayRole(parts: NodeParts, options: GatewayRoleOptions): Promise<GatewayRole> {
  const { client, records, spendFor, tellsProviders = true } = options;
  const { relay } = options;
  const reached =
    relay === undefined ? options.transport : createRelayedTransport(options.transport, relay, parts.timer);
  const transport = watchTransport(reached, parts.metrics);
  const watched = createGatewayWatch({ tracer: NO_TRACER, ...parts, tellsProviders });
  const log = parts.log.child('gateway');
  const whose = spendFor === undefined ? {} : { owner: spendFor };
  const hub = options.hub === undefined ? {} : { hub: options.hub };
  const priced = pricedBy(options.hub);
  const payer = await openPayer(parts, { log, client, records, ...whose, ...hub });
  const allowance =
    spendFor === undefined
      ? undefined
      : () => fetchAllowance(parts.ledger, accountIdToAddress(spendFor), client.address);
  const answered: AnsweredRequest[] = [];
  const seal = createSealParts(parts, options.seal);
  const ask = (request: InferRequest) => infer({ ...parts, transport, payer, seal, ...hub }, request);
  const attestations = createAttestationBook({
    ...{ ...parts, log, keysOf: seal.keysOf, roots: options.roots ?? VENDOR_ROOTS },
    fetchQuote: (peer) => fetchQuote({ ...parts, log, transport }, peer),
  });
  const send = createReviewSender({ ...parts, log, transport, nodes: options.nodes ?? [] });
  const disclosing = createDisclosing({ ...parts, log, ask, send });

  const levelNow = async (offer: Offer) => levelOf(seal, offer, await attestations.vouches(offer));

  async function* askAndRemember(request: InferRequest) {
    const isAttested = await attestations.vouches(request.offer);
    const onOpening = (how: HowOpened) =>
      request.onOpening?.(isAttested && how.sealed !== undefined ? { ...how, attested: true } : how);
    for await (const event of disclosing({ ...request, onOpening })) {
      if (event.type === 'end') remember(request, event.receiptId, event.receipt.receipt);
      yield event;
    }
  }

  function remember(
    { offer }: InferRequest,
    receipt: string,
    { price, completionTokens }: { price: bigint; completionTokens: number },
  ): void {
    const provider = accountIdToAddress(offer.provider);
    const model = bytesToHex(offer.terms.model);
    answered.unshift({
      atMs: parts.clock.nowMs(),
      provider,
      model,
      receipt,
      cost: price,
      tokens: completionTokens,
    });
    answered.length = Math.min(answered.length, MAX_ANSWERED);
    parts.metrics.count('cairn_gateway_answers_total');
  }

  const quality = createQualityBook({
    ledger: parts.ledger,
    log,
    probe: async (offer) =>
      (await isPaidFor(offer, allowance)) ? probe(parts, ask, options, priced(offer)) : null,
  });
  await quality.refresh();
  const watch = backgroundTask(log, 'quality', async (signal) => {
    const names = ['yuma.epochRan', 'registry.offerPublished'];
    for await (const _ of parts.ledger.events({ names, signal })) await quality.refresh();
  });
  const catalogue = createLedgerCatalogue({ reader: parts.ledger, clock: parts.clock });
  const looks = backgroundTask(log, 'attestations', async (signal) => {
    // Who shows a quote is dialled for it, and would learn the address that the relay keeps from it.
    if (relay !== undefined) return;
    await attestations.refresh();
    const names = ['registry.offerPublished', 'registry.providerSet', 'yuma.epochRan'];
    for await (const _ of parts.ledger.events({ names, signal })) await attestations.refresh();
  });
  const gateway = watched.gateway(
    createGateway(
      {
        ...parts,
        log,
        catalogue: { ...catalogue, offers: async () => (await catalogue.offers()).map(priced) },
        infer: watched.infer(askAndRemember),
        receipt: (id) => payer.receipt(id),
        bought: (id) => payer.bought(id),
        records,
        ...(options.keptKey === undefined ? {} : { keptKey: options.keptKey }),
        quality: (offer) => quality.of(offer),
        storage: { records: options.storage, timer: parts.timer },
        regions: ({ terms }) => terms.regions,
        attested: (offer) => attestations.isAttested(offer),
        aliases: (name) => resolveAlias(parts.ledger, name),
        privacy: levelNow,
        agent: createAgentPorts(parts, {
          ...{ client, ...whose, mayPay: options.agentPayments === true },
          ...(options.deploy === undefined ? {} : { deploy: options.deploy }),
        }),
        ...(allowance === undefined ? {} : { allowance }),
        ...(options.sellOn === undefined ? {} : { x402: sellerOf(parts, options, options.sellOn) }),
      },
      {
        keys: options.keys,
        firstModel: options.firstModel,
        meter: { mostPerAnswer: options.mostPerAnswer },
      },
    ),
  );
  const claims = backgroundTask(log, 'claims', async (signal) => {
    let blocks = 0;
    for await (const _ of parts.ledger.events({ names: ['chain.committed'], signal })) {
      blocks += 1;
      if (blocks % CLAIM_EVERY_BLOCKS === 0) await gateway.claimPayments();
    }
  });
  return {
    kind: 'gateway',
    name: 'gateway',
    note: 'OpenAI-compatible endpoint',
    address: client.address,
    gateway,
    payer,
    answered,
    levelOf: levelNow,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await looks[Symbol.asyncDispose]();
      await claims[Symbol.asyncDispose]();
      await gateway.stop();
      await payer.flush();
      await options.storage[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}

/** Offers as this gateway pays them: with what its hub takes. */
function pricedBy(hub: HubToPay | undefined): (offer: Offer) => Offer {
  if (hub === undefined) return (offer) => offer;
  return ({ terms, ...offer }) => ({
    ...offer,
    terms: { ...terms, price: addFee(terms.price, hub.feeBps) },
  });
}

/** How callers without a key pay this gateway: into channels to the account that it spends from. */
function sellerOf(parts: NodeParts, { client, records }: GatewayRoleOptions, netuid: number) {
  const { crypto, chainId, ledger } = parts;
  return {
    crypto,
    chainId,
    payTo: client.account,
    netuid,
    ledger: createChannelLedger(client, ledger),
    records,
  };
}

/** Whether the owner of the money lets it go to a model. */
async function isPaidFor(
  { terms }: Offer,
  allowance: (() => Promise<Allowance>) | undefined,
): Promise<boolean> {
  const found = await allowance?.();
  if (found === undefined) return true;
  return found.ok && (found.models.length === 0 || found.models.includes(bytesToHex(terms.model)));
}

/** Asks a provider the known question of its model, through the paid path like any user. */
async function probe(
  { random }: NodeParts,
  ask: (request: InferRequest) => ReturnType<typeof infer>,
  { knownQuestion }: GatewayRoleOptions,
  offer: Offer,
): Promise<boolean | null> {
  const question = knownQuestion(bytesToHex(offer.terms.model));
  if (question === null) return null;
  const params = { maxTokens: 32, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 };
  const body = { endpoint: 'chat' as const, prompt: question.prompt, params };
  if (!isCheapEnough(offer, body)) return false;
  let text = '';
  for await (const event of ask({
    offer,
    body,
    idempotencyKey: bytesToHex(random.bytes(16)),
    idleTimeoutMs: 10_000,
  })) {
    if (event.type === 'delta') text += event.text;
  }
  return text.trim() === question.expected;
}
