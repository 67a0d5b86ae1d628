import { accountIdToAddress, optional, struct, u16, u32, withDefault } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { contributionShape, contributions, type Fund, fundShape, funds, places } from './state.ts';

const MAX_LISTED = 200;

const propertiesOf = (shape: { schema: object }) => (shape.schema as { properties: object }).properties;
const fundSchema = { type: 'object', properties: { fund: u32.schema, ...propertiesOf(fundShape) } };
const describe = (number: number, fund: Fund) => ({ fund: number, ...(fundShape.toJson(fund) as object) });
const mostListed = (limit: number): number => (limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED));

export const fundQuery = defineQuery({
  name: 'crowdfunding_get',
  help: 'One fund; null when it does not exist.',
  params: struct('FundParams', { fund: u32 }),
  result: { anyOf: [fundSchema, { type: 'null' }] },
  run({ view }, { fund: number }) {
    const fund = funds.get(view, number);
    return fund === undefined ? null : describe(number, fund);
  },
});

export const fundsQuery = defineQuery({
  name: 'crowdfunding_list',
  help: `Funds by number, at most ${MAX_LISTED} above \`after\`.`,
  params: struct('FundsParams', { after: optional(u32), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: fundSchema },
  run({ view }, { after, limit }) {
    const listed = [];
    for (const id of funds.table.ids(view, '', after === null ? undefined : funds.id(after))) {
      if (listed.length >= mostListed(limit)) break;
      listed.push(describe(Number(id), funds.table.get(view, id)!));
    }
    return listed;
  },
});

export const contributionsQuery = defineQuery({
  name: 'crowdfunding_contributions',
  help: `Contributors of a fund and their shares in the order of their places, at most ${MAX_LISTED} from place \`from\`.`,
  params: struct('ContributionsParams', { fund: u32, from: withDefault(u16, 0), limit: withDefault(u16, 0) }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: { contributor: { type: 'string' }, ...propertiesOf(contributionShape) },
    },
  },
  run({ view }, { fund: number, from, limit }) {
    const count = funds.get(view, number)?.contributors ?? 0;
    const to = Math.min(count, from + mostListed(limit));
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
      const id = places.get(view, number, from + i)!;
      const contribution = contributions.get(view, number, id)!;
      return {
        contributor: accountIdToAddress(id),
        ...(contributionShape.toJson(contribution) as object),
      };
    });
  },
});
