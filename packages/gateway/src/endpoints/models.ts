import { describeListed, describeReceipt } from '../api/describe.ts';
import { GatewayError } from '../errors.ts';
import { replyJson } from '../http/reply.ts';
import type { Endpoint } from './endpoint.ts';

/** What is for sale, and receipts of what was bought. */
export const modelEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/v1/models',
    async serve(context, { response, headers }) {
      const data = await Promise.all((await context.listed()).map((model) => describeListed(context, model)));
      replyJson(response, 200, JSON.stringify({ object: 'list', data, has_more: false }), headers);
    },
  },
  {
    method: 'GET',
    path: '/v1/models/',
    async serve(context, { response, headers, rest }) {
      const found = await context.findListed(rest);
      replyJson(response, 200, JSON.stringify(await describeListed(context, found)), headers);
    },
  },
  {
    method: 'GET',
    path: '/v1/receipts/',
    async serve({ receipt, bought }, { response, headers, rest }) {
      const found = /^[0-9a-f]{64}$/.test(rest) ? receipt(rest) : null;
      if (found === null) {
        throw new GatewayError(
          { code: 'receipt_not_found' },
          `This gateway has no receipt ${rest.slice(0, 64)}.`,
        );
      }
      replyJson(response, 200, JSON.stringify(describeReceipt(rest, found, bought(rest))), headers);
    },
  },
];
