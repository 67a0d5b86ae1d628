import { publishModelMessage } from './apply/publish-model.ts';
import { publishOfferMessage } from './apply/publish-offer.ts';
import { removeProviderMessage } from './apply/remove-provider.ts';
import { retireModelMessage } from './apply/retire-model.ts';
import { setProviderMessage } from './apply/set-provider.ts';
import { withdrawOfferMessage } from './apply/withdraw-offer.ts';
import {
  modelByNameQuery,
  modelQuery,
  modelsQuery,
  offersQuery,
  providerQuery,
  providersQuery,
} from './query.ts';

/** Registry: model cards with their artifacts, what providers offer, and the keys and machines they do it with. */
export const registryModule = {
  name: 'registry',
  messages: [
    publishModelMessage,
    retireModelMessage,
    publishOfferMessage,
    withdrawOfferMessage,
    setProviderMessage,
    removeProviderMessage,
  ],
  queries: [modelQuery, modelByNameQuery, modelsQuery, offersQuery, providerQuery, providersQuery],
} as const;
