import { expect, it } from 'vitest';
import { payoutAccountOf } from '../../src/index.ts';
import { aKey } from '../support/chain.ts';
import { aMarket } from '../support/market.ts';

it('pays the coldkey of a hotkey, and everyone else directly', async () => {
  const { chain, miners } = await aMarket({ validators: 1, miners: 1 });
  const { coldkey, hotkey } = miners[0]!;
  expect(payoutAccountOf(chain.view, hotkey.account)).toEqual(coldkey.account);
  expect(payoutAccountOf(chain.view, coldkey.account)).toEqual(coldkey.account);
  expect(payoutAccountOf(chain.view, aKey(77).account)).toEqual(aKey(77).account);
});
