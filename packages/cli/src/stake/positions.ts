import { askAllPages } from '../answer/ask-node.ts';
import { asAddress, asAmount, asObject, asU16, type Checked } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';

const asRootStake = asObject({ hotkey: asAddress, amount: asAmount, shares: asAmount, deposit: asAmount });
const asTokenStake = asObject({
  netuid: asU16,
  hotkey: asAddress,
  amount: asAmount,
  shares: asAmount,
  deposit: asAmount,
});

export interface StakePositions {
  /** CAIRN, in pebbles. */
  readonly root: readonly Checked<typeof asRootStake>[];
  /** In 1e-9 token. */
  readonly tokens: readonly Checked<typeof asTokenStake>[];
}

/** What an account has staked; `amount` is what taking it out would give now. */
export async function fetchPositions(connection: Connection, coldkey: string): Promise<StakePositions> {
  const [root, tokens] = await Promise.all([
    askAllPages(connection, 'staking_positions', { coldkey }, asRootStake, ({ hotkey }) => hotkey),
    askAllPages(connection, 'staking_tokenPositions', { coldkey }, asTokenStake, ({ netuid, hotkey }) => ({
      netuid,
      hotkey,
    })),
  ]);
  return { root, tokens };
}

/**
 * What an account has at one hotkey, on root or in one subnet.
 *
 * @throws CliError `NOT_FOUND`
 */
export async function findStake(
  connection: Connection,
  coldkey: string,
  hotkey: string,
  netuid: number | null,
): Promise<bigint> {
  const { root, tokens } = await fetchPositions(connection, coldkey);
  const found =
    netuid === null
      ? root.find((entry) => entry.hotkey === hotkey)
      : tokens.find((entry) => entry.hotkey === hotkey && entry.netuid === netuid);
  if (found !== undefined) return found.amount;
  throw new CliError(
    { code: 'NOT_FOUND', what: 'stake' },
    `${coldkey} has no ${netuid === null ? 'CAIRN' : `tokens of subnet ${netuid}`} at hotkey ${hotkey}. See ./cairn stake list.`,
  );
}
