import type { Offer } from '@cairn/ledger';
import type { RecordStore, Transport } from '@cairn/protocol';
import {
  addFee,
  createPayer,
  type InferParts,
  type InferRequest,
  infer,
  type Payer,
  soldByHub,
} from '@cairn/sdk';
import { expect } from 'vitest';
import { createHub } from '../../src/hub/hub.ts';
import type { HubLimits } from '../../src/hub/hub-parts.ts';
import { createPayee } from '../../src/miner/payee.ts';
import { aRecordStore, aSigner, aTown, chainId, crypto, type TownOptions } from '../miner/parts.ts';

export const FEE_BPS = 600;

/** A town whose user has a channel to a hub and none to the miner. */
export async function aHubTown(
  options: TownOptions & {
    readonly limits?: Partial<HubLimits>;
    /** Of the hub. */
    readonly records?: RecordStore;
    /** Sees and changes what the hub writes and reads. */
    readonly hubTap?: (transport: Transport) => Transport;
  } = {},
) {
  const town = await aTown(options);
  const key = aSigner('hub');
  const offers: Offer[] = [town.miner.offer];
  const log = town.log;
  let runs = 0;

  /** What the hub is made of; another start takes over `records` as a restart does. */
  async function startHub(records: RecordStore = aRecordStore()) {
    runs += 1;
    const peer = `hub ${runs}`;
    const joined = town.join(peer);
    const transport = options.hubTap?.(joined) ?? joined;
    const ledger = town.ledger.of(key.account);
    const shared = { crypto, clock: town.clock, chainId, signer: key.signer, ledger, records, log };
    const payee = createPayee({ ...shared, payee: key.account, soldAs: soldByHub });
    const payer = createPayer(shared, { deposit: 100_000n });
    const { random } = town.inferParts();
    const hub = await createHub(
      { ...shared, timer: town.timer, random, transport, payee, payer, offers: async () => offers },
      { feeBps: FEE_BPS, ...options.limits },
    );
    return { hub, peer, payee, payer, records, transport };
  }

  const first = await startHub(options.records);

  function startUser(name: string, records: RecordStore = aRecordStore()) {
    const user = aSigner(name);
    const payer = createPayer(
      {
        ...{ crypto, chainId, signer: user.signer, ledger: town.ledger.of(user.account), records, log },
        soldAs: soldByHub,
      },
      { deposit: 100_000n },
    );
    return { ...user, payer, records, transport: town.join(name) };
  }

  type User = ReturnType<typeof startUser>;
  const user = startUser('user');

  const partsOf = (asker: User, peer = first.peer, using: Payer = asker.payer): InferParts => ({
    ...town.inferParts(using),
    transport: asker.transport,
    hub: { account: key.account, chainId, peer, feeBps: FEE_BPS },
  });

  let questions = 0;

  function ask(
    content: string,
    fields: {
      asker?: User;
      payer?: Payer;
      peer?: string;
      maxTokens?: number;
      signal?: AbortSignal;
      offer?: Offer;
      onOpening?: InferRequest['onOpening'];
    } = {},
  ) {
    questions += 1;
    const { asker = user, offer = town.miner.offer } = fields;
    const { terms } = offer;
    const params = { temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 };
    return infer(partsOf(asker, fields.peer, fields.payer), {
      offer: { ...offer, terms: { ...terms, price: addFee(terms.price, FEE_BPS) } },
      body: {
        endpoint: 'chat',
        prompt: { kind: 'chat', messages: [{ role: 'user', content }] },
        params: { ...params, maxTokens: fields.maxTokens ?? 500 },
      },
      idempotencyKey: `question ${questions}`,
      ...(fields.onOpening === undefined ? {} : { onOpening: fields.onOpening }),
      ...(fields.signal === undefined ? {} : { signal: fields.signal }),
    });
  }

  /** When the hub has settled with everybody. */
  const quiet = () => expect.poll(() => first.hub.running, { timeout: 20_000 }).toBe(0);

  return { quiet, ...town, ...first, key, user, offers, startHub, startUser, partsOf, ask };
}

export type HubTown = Awaited<ReturnType<typeof aHubTown>>;
