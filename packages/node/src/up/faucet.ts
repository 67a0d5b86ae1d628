import { account, accountIdToAddress, formatAmount, PEBBLES_PER_CAIRN, struct } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { AccountClient } from '@cairn/sdk';
import { RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';

/** What each account is given once, in pebbles. */
const GIFT = 100n * PEBBLES_PER_CAIRN;
/** Accounts that are given something while a network runs: half of what its owner has at the start. */
const MOST_GIFTS = 50;

const fundShape = struct('FundParams', { address: account });

/** On a network of test money, a way to ask for some. Nowhere else: there it would be the owner's own. */
export function faucetMethods(
  { kind }: Pick<Genesis, 'kind'>,
  owner: Pick<AccountClient, 'send'>,
): RpcMethod[] {
  return kind === 'local' ? [faucetMethod(owner)] : [];
}

function faucetMethod(owner: Pick<AccountClient, 'send'>): RpcMethod {
  const given = new Set<string>();
  return {
    name: 'local_fund',
    help: `Gives an account ${formatAmount(GIFT)} CAIRN of test money, once. Local networks only.`,
    params: fundShape.schema,
    result: { type: 'object' },
    async run(params) {
      const { address: to } = parseParams(fundShape, params);
      const address = accountIdToAddress(to);
      if (given.has(address)) throw refused(`${address} was given ${formatAmount(GIFT)} CAIRN already.`);
      if (given.size >= MOST_GIFTS) throw refused(`${MOST_GIFTS} accounts were given money already.`);
      // Before it is sent, so that nobody gets it twice by asking twice at once.
      given.add(address);
      try {
        await owner.send('accounts.transfer', { to, amount: GIFT });
      } catch (error) {
        given.delete(address);
        throw error;
      }
      return { address, amount: GIFT.toString() };
    },
  };
}

function refused(reason: string): RpcError {
  return new RpcError({ code: 'FAUCET_REFUSED', reason }, reason);
}
