import { accountIdToAddress, bytesToHex, formatAmount } from '@cairn/core';
import { PRIVACY_TEXTS, type PrivacyLevel, receiptShape, type SignedReceipt } from '@cairn/protocol';
import type { ListedModel } from '../route/catalogue.ts';

/** A model as OpenAI's and OpenRouter's clients read it; prices are decimal CAIRN per million tokens. */
export function describeModel(
  { name, model, artifact, offers }: ListedModel,
  levels: readonly PrivacyLevel[] = [],
): object {
  const { card } = model;
  const prices = offers.map(({ terms }) => terms.price);
  const lowest = (pick: (price: (typeof prices)[number]) => bigint) =>
    formatAmount(prices.map(pick).reduce((least, price) => (price < least ? price : least)));
  const capabilities = new Set(offers.flatMap(({ terms }) => terms.capabilities));
  return {
    id: name,
    object: 'model',
    created: 0,
    owned_by: card.name.split('/')[0],
    name,
    description: card.description,
    context_length: Math.max(...offers.map(({ terms }) => terms.contextTokens)),
    quantization: artifact.quantisation,
    pricing: {
      prompt: lowest((price) => price.inputPerMillion),
      completion: lowest((price) => price.outputPerMillion),
      request: lowest((price) => price.perRequest),
      unit: 'CAIRN per million tokens',
    },
    supported_parameters: [
      'max_tokens',
      'max_completion_tokens',
      'temperature',
      'top_p',
      'stop',
      ...(capabilities.has('seed') ? ['seed'] : []),
      ...(capabilities.has('logprobs') ? ['logprobs', 'top_logprobs'] : []),
    ],
    cairn: {
      model: model.id,
      version: card.version,
      owner: accountIdToAddress(card.owner),
      artifact: bytesToHex(artifact.sha256),
      licence: card.licence,
      providers: offers.length,
      tier: Math.max(...offers.map(({ terms }) => terms.tier)),
      ...(levels.length === 0 ? {} : { privacy: describePrivacy(levels) }),
    },
  };
}

/** How many providers there are of each level, and what the best of them means. */
function describePrivacy(levels: readonly PrivacyLevel[]): object {
  const best = levels.toSorted().at(-1) ?? 'L0';
  const { name, readers, leaks } = PRIVACY_TEXTS[best];
  const count = (level: PrivacyLevel) => levels.filter((each) => each === level).length;
  return { best, name, readers, leaks, providers: { L0: count('L0'), L1: count('L1'), L2: count('L2') } };
}

/** A receipt with its signature. */
export function describeReceipt(id: string, { receipt, authorization }: SignedReceipt): object {
  return {
    object: 'cairn.receipt',
    id,
    cost: formatAmount(receipt.price),
    receipt: receiptShape.toJson(receipt),
    signature: {
      scheme: authorization.scheme,
      public_key: bytesToHex(authorization.publicKey),
      signature: bytesToHex(authorization.signature),
    },
  };
}
