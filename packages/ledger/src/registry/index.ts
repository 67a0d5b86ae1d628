import { clearRoyaltiesMessage } from './apply/clear-royalties.ts';
import { postEvaluationMessage } from './apply/post-evaluation.ts';
import { publishModelMessage } from './apply/publish-model.ts';
import { publishOfferMessage } from './apply/publish-offer.ts';
import { removeAliasMessage } from './apply/remove-alias.ts';
import { removeProviderMessage } from './apply/remove-provider.ts';
import { retireModelMessage } from './apply/retire-model.ts';
import { setAliasMessage } from './apply/set-alias.ts';
import { setProviderMessage } from './apply/set-provider.ts';
import { withdrawEvaluationMessage } from './apply/withdraw-evaluation.ts';
import { withdrawOfferMessage } from './apply/withdraw-offer.ts';
import { aliasesQuery, evaluationsQuery, resolveQuery } from './discovery-query.ts';
import {
  modelByNameQuery,
  modelQuery,
  modelsQuery,
  offersQuery,
  providerQuery,
  providersQuery,
} from './query.ts';

/**
 * Registry: model cards with their artifacts, what providers offer, the keys and machines they do it with, what names
 * stand for, and what validators measured.
 */
export const registryModule = {
  name: 'registry',
  messages: [
    publishModelMessage,
    retireModelMessage,
    publishOfferMessage,
    withdrawOfferMessage,
    setProviderMessage,
    removeProviderMessage,
    setAliasMessage,
    removeAliasMessage,
    clearRoyaltiesMessage,
    postEvaluationMessage,
    withdrawEvaluationMessage,
  ],
  queries: [
    modelQuery,
    modelByNameQuery,
    modelsQuery,
    offersQuery,
    providerQuery,
    providersQuery,
    aliasesQuery,
    resolveQuery,
    evaluationsQuery,
  ],
} as const;
