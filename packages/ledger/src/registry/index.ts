import { publishModelMessage } from './apply/publish-model.ts';
import { publishOfferMessage } from './apply/publish-offer.ts';
import { retireModelMessage } from './apply/retire-model.ts';
import { withdrawOfferMessage } from './apply/withdraw-offer.ts';
import { modelByNameQuery, modelQuery, modelsQuery, offersQuery } from './query.ts';

/** Registry: model cards with their artifacts, and what providers offer. */
export const registryModule = {
  name: 'registry',
  messages: [publishModelMessage, retireModelMessage, publishOfferMessage, withdrawOfferMessage],
  queries: [modelQuery, modelByNameQuery, modelsQuery, offersQuery],
} as const;
