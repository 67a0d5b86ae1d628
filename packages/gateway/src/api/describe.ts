import { accountIdToAddress, bytesToHex, formatAmount } from '@cairn/core';
import { type PrivacyLevel, receiptShape, type SignedReceipt, summarizePrivacy } from '@cairn/protocol';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import type { ListedModel } from '../route/catalogue.ts';
import { type Wanted, worksOf } from '../route/works.ts';

/** A model as OpenAI's and OpenRouter's clients read it; prices are decimal CAIRN per million tokens. */
function describeModel(listed: ListedModel, levels: readonly PrivacyLevel[]): object {
  const privacy = summarizePrivacy(levels);
  const { name, model, artifact, offers } = listed;
  const works = worksOf(listed);
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
    architecture: describeModality(modalityOf(works)),
    top_provider: {
      context_length: Math.max(...offers.map(({ terms }) => terms.contextTokens)),
      max_completion_tokens: null,
      is_moderated: false,
    },
    supported_parameters: works.includes('text') ? parametersOf(capabilities) : [],
    cairn: {
      works,
      model: model.id,
      version: card.version,
      owner: accountIdToAddress(card.owner),
      artifact: bytesToHex(artifact.sha256),
      licence: card.licence,
      distillable: listed.isDistillable,
      providers: offers.length,
      tier: Math.max(...offers.map(({ terms }) => terms.tier)),
      ...(privacy === null ? {} : { privacy }),
    },
  };
}

/** The level of each of its providers; none where nobody can tell. */
export async function levelsOf(
  { privacy }: Pick<EndpointContext, 'privacy'>,
  { offers }: ListedModel,
): Promise<PrivacyLevel[]> {
  return privacy === null ? [] : Promise.all(offers.map(privacy));
}

/** A model with the privacy of its providers as it is now. */
export async function describeListed(
  context: Pick<EndpointContext, 'privacy'>,
  listed: ListedModel,
): Promise<object> {
  return describeModel(listed, await levelsOf(context, listed));
}

function parametersOf(capabilities: ReadonlySet<string>): readonly string[] {
  return [
    'max_tokens',
    'max_completion_tokens',
    'temperature',
    'top_p',
    'stop',
    ...(capabilities.has('seed') ? ['seed'] : []),
    ...(capabilities.has('logprobs') ? ['logprobs', 'top_logprobs'] : []),
    ...(capabilities.has('tools') ? ['tools', 'tool_choice', 'parallel_tool_calls'] : []),
    ...(capabilities.has('json') ? ['response_format', 'structured_outputs'] : []),
  ];
}

const MODALITIES: Readonly<Partial<Record<Wanted, string>>> = {
  text: 'text->text',
  image: 'text->image',
  speech: 'text->audio',
  transcribe: 'audio->text',
  translate: 'audio->text',
  embed: 'text->embedding',
  rank: 'text->score',
  moderate: 'text->text',
};

/** The first that a model does, in OpenRouter's words. */
function modalityOf(works: readonly Wanted[]): string {
  return works.map((work) => MODALITIES[work]).find((modality) => modality !== undefined) ?? 'text->text';
}

function describeModality(modality: string): object {
  const [input, output] = modality.split('->');
  return { modality, input_modalities: [input], output_modalities: [output], tokenizer: 'Other' };
}

/** A receipt with its signature. @param bought the provider's, behind one of a hub. */
export function describeReceipt(
  id: string,
  sold: SignedReceipt,
  bought: SignedReceipt | null = null,
): object {
  return {
    object: 'cairn.receipt',
    id,
    cost: formatAmount(sold.receipt.price),
    ...describeSigned(sold),
    ...(bought === null ? {} : { bought: describeSigned(bought) }),
  };
}

function describeSigned({ receipt, authorization }: SignedReceipt): object {
  return {
    receipt: receiptShape.toJson(receipt),
    signature: {
      scheme: authorization.scheme,
      public_key: bytesToHex(authorization.publicKey),
      signature: bytesToHex(authorization.signature),
    },
  };
}
