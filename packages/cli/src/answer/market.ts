import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { askNode } from './ask-node.ts';
import { asAmount, asList, asNullable, asObject, asSigned, asText, asU16, type Checked } from './checks.ts';

/** The token of a subnet. Prices in pebbles for one token, CAIRN in pebbles, tokens in 1e-9. */
const asMarket = asObject({
  netuid: asU16,
  name: asText,
  price: asAmount,
  averagePrice: asAmount,
  burnCost: asAmount,
  cairnReserve: asAmount,
  tokenReserve: asAmount,
  quoteWeight: asAmount,
  outstanding: asAmount,
  burned: asAmount,
  protocolTokens: asAmount,
  issuance: asAmount,
  burnCaused: asAmount,
  userFlow: asSigned,
  protocolFlow: asSigned,
});
export type Market = Checked<typeof asMarket>;

/** Every subnet's token, in one call. */
export function fetchMarkets(connection: Connection): Promise<Market[]> {
  return askNode(connection, 'pools_list', {}, asList(asMarket));
}

/** One subnet's token; null when there is no such subnet. */
export const findMarket = (connection: Connection, netuid: number): Promise<Market | null> =>
  askNode(connection, 'pools_get', { netuid }, asNullable(asMarket));

/** @throws CliError `NOT_FOUND` */
export async function fetchMarket(connection: Connection, netuid: number): Promise<Market> {
  const market = await findMarket(connection, netuid);
  if (market !== null) return market;
  throw new CliError(
    { code: 'NOT_FOUND', what: `subnet ${netuid}` },
    `There is no subnet ${netuid}. See ./cairn token list.`,
  );
}

const asHolding = asObject({ netuid: asU16, amount: asAmount, deposit: asAmount });

export type Holding = Checked<typeof asHolding>;

/** Tokens in an account that are not staked, by subnet, in 1e-9. */
export const fetchHoldings = (connection: Connection, account: string): Promise<Holding[]> =>
  askNode(connection, 'pools_holdings', { account }, asList(asHolding));

/** Tokens of a subnet in an account that are not staked, in 1e-9. */
export async function fetchHolding(connection: Connection, account: string, netuid: number): Promise<bigint> {
  return (
    (await fetchHoldings(connection, account)).find((holding) => holding.netuid === netuid)?.amount ?? 0n
  );
}
