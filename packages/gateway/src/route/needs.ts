import { batchPriceOf, type Offer } from '@cairn/ledger';
import type { TaskKind } from '@cairn/protocol';
import { unsupported } from '../api/fields.ts';
import type { ApiRequest } from '../api/parse-request.ts';

/** What offers say they can do of each task: the capability that they name. */
const TASK_CAPABILITY: Readonly<Record<TaskKind, string>> = {
  embed: 'embed',
  rank: 'rank',
  image: 'image',
  speech: 'speech',
  transcribe: 'transcribe',
  translate: 'translate',
  moderate: 'moderate',
};

/**
 * The offers that can do what a request asks of tools, forms and tasks.
 *
 * @throws GatewayError `unsupported_parameter` when none can
 */
export function filterNeeds(offers: readonly Offer[], request: ApiRequest, name: string): readonly Offer[] {
  const { shape, task } = request;
  const needs: readonly (readonly [boolean, string, string, string])[] = [
    [(shape?.tools.length ?? 0) > 0, 'tools', 'tools', 'calls tools'],
    [
      shape !== undefined && shape.format.type !== 'text',
      'json',
      'response_format',
      'answers in a given form',
    ],
    [task !== undefined, task === undefined ? '' : TASK_CAPABILITY[task.kind], 'model', 'does this'],
  ];
  return needs.reduce((able, [isNeeded, capability, param, does]) => {
    if (!isNeeded) return able;
    const left = able.filter(({ terms }) => terms.capabilities.includes(capability));
    if (left.length === 0) throw unsupported(param, `No provider of ${name} ${does}.`);
    return left;
  }, offers);
}

/** An offer at the price that this request pays. */
export function priceFor(offer: Offer, { priority }: Pick<ApiRequest, 'priority'>): Offer {
  if (priority !== 'batch') return offer;
  return { ...offer, terms: { ...offer.terms, price: batchPriceOf(offer.terms) } };
}
