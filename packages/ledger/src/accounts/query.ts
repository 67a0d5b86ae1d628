import { account, struct } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { accountShape, accounts } from './state.ts';

export const accountQuery = defineQuery({
  name: 'accounts_get',
  help: 'Nonce, spendable amount and deposit of an account; null when it does not exist.',
  params: struct('AccountParams', { address: account }),
  result: { anyOf: [accountShape.schema, { type: 'null' }] },
  run({ view }, { address }) {
    const found = accounts.get(view, address);
    return found === undefined ? null : accountShape.toJson(found);
  },
});
