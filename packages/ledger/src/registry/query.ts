import {
  account,
  accountIdToAddress,
  bytes32,
  bytesToHex,
  optional,
  struct,
  text,
  u16,
  utf8ToBytes,
  withDefault,
} from '@cairn/core';
import { defineQuery, type QueryContext } from '../execution/query.ts';
import { modelCardShape } from './card.ts';
import { type Offer, offerTermsShape } from './offer.ts';
import { type Provider, providerShape } from './provider.ts';
import { royaltiesShape } from './royalties.ts';
import { isOfferDead, type ModelRecord, modelNames, models, offers, providers } from './state.ts';

const MAX_LISTED = 500;
const modelSchema = {
  type: 'object',
  properties: {
    id: bytes32.schema,
    ...(modelCardShape.schema.properties as object),
    publishedHeight: { type: 'string' },
    royalties: royaltiesShape.schema,
  },
};
const offerSchema = {
  type: 'object',
  properties: {
    id: bytes32.schema,
    provider: { type: 'string' },
    ...(offerTermsShape.schema.properties as object),
  },
};
const page = struct('RegistryPage', { after: optional(bytes32), limit: withDefault(u16, 0) });

function describeModel(id: string, { card, publishedHeight, royalties }: ModelRecord) {
  return {
    id,
    ...(modelCardShape.toJson(card) as object),
    publishedHeight: publishedHeight.toString(),
    royalties: royaltiesShape.toJson(royalties),
  };
}

function describeOffer(id: string, { provider, terms }: Offer) {
  return { id, provider: accountIdToAddress(provider), ...(offerTermsShape.toJson(terms) as object) };
}

const mostListed = (limit: number): number => (limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED));

function* firstIds(ids: Iterable<string>, limit: number): Iterable<string> {
  let left = mostListed(limit);
  for (const id of ids) {
    if (left-- <= 0) return;
    yield id;
  }
}

function findModel({ view }: QueryContext, hex: string) {
  const record = models.get(view, hex);
  return record === undefined ? null : describeModel(hex, record);
}

export const modelQuery = defineQuery({
  name: 'registry_model',
  help: 'One model by id; null when it is not registered.',
  params: struct('ModelParams', { model: bytes32 }),
  result: { anyOf: [modelSchema, { type: 'null' }] },
  run: (context, { model }) => findModel(context, bytesToHex(model)),
});

export const modelByNameQuery = defineQuery({
  name: 'registry_modelByName',
  help: 'The newest version of a name such as `cairn/crontab`; null when there is none.',
  params: struct('ModelNameParams', { name: text(96) }),
  result: { anyOf: [modelSchema, { type: 'null' }] },
  run(context, { name }) {
    const named = modelNames.get(context.view, bytesToHex(utf8ToBytes(name)));
    return named === undefined ? null : findModel(context, bytesToHex(named.model));
  },
});

export const modelsQuery = defineQuery({
  name: 'registry_models',
  help: `Registered models, at most ${MAX_LISTED} above \`after\`.`,
  params: page,
  result: { type: 'array', items: modelSchema },
  run({ view }, { after, limit }) {
    const ids = models.ids(view, '', after === null ? undefined : bytesToHex(after));
    return [...firstIds(ids, limit)].map((id) => describeModel(id, models.get(view, id)!));
  },
});

export const offersQuery = defineQuery({
  name: 'registry_offers',
  help: `Offers that have not expired and whose model is registered, at most ${MAX_LISTED} above \`after\`; none: that was all.`,
  params: page,
  result: { type: 'array', items: offerSchema },
  run({ view, slot }, { after, limit }) {
    const most = mostListed(limit);
    const listed = [];
    // Dead offers do not count, or a page of them would look like the end.
    for (const id of offers.ids(view, '', after === null ? undefined : bytesToHex(after))) {
      if (listed.length >= most) break;
      const offer = offers.get(view, id);
      if (offer !== undefined && !isOfferDead(view, offer, slot)) listed.push(describeOffer(id, offer));
    }
    return listed;
  },
});

const describeProvider = (provider: Provider) => providerShape.toJson(provider) as object;

export const providerQuery = defineQuery({
  name: 'registry_provider',
  help: 'Keys, machines and region of a provider; null when it registered none. A machine counts while its `expirySlot` is ahead.',
  params: struct('ProviderParams', { account }),
  result: { anyOf: [providerShape.schema, { type: 'null' }] },
  run({ view }, { account: id }) {
    const provider = providers.get(view, bytesToHex(id));
    return provider === undefined ? null : describeProvider(provider);
  },
});

export const providersQuery = defineQuery({
  name: 'registry_providers',
  help: `Providers with their keys and machines, at most ${MAX_LISTED} above the account \`after\`.`,
  params: struct('ProvidersParams', { after: optional(account), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: providerShape.schema },
  run({ view }, { after, limit }) {
    const ids = providers.ids(view, '', after === null ? undefined : bytesToHex(after));
    return [...firstIds(ids, limit)].map((id) => describeProvider(providers.get(view, id)!));
  },
});
