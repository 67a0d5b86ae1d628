import { askAllPages } from '../answer/ask-node.ts';
import { asAddress, asAmount, asObject, asU16, type Checked } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { exactCairn, exactTokens } from '../terminal/format.ts';

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
  return stakeAt(await fetchPositions(connection, coldkey), coldkey, hotkey, netuid);
}

interface Staked {
  readonly root: readonly { readonly hotkey: string; readonly amount: bigint }[];
  readonly tokens: readonly { readonly hotkey: string; readonly amount: bigint; readonly netuid: number }[];
}

function stakeAt({ root, tokens }: Staked, coldkey: string, hotkey: string, netuid: number | null): bigint {
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

/**
 * As `findStake`, of positions known already, when there is at least the amount; null: everything.
 *
 * @throws CliError `NOT_FOUND`, `STAKE_TOO_LOW`
 */
export function requireStake(
  positions: Staked,
  coldkey: string,
  wanted: { readonly hotkey: string; readonly netuid: number | null; readonly amount: bigint | null },
): bigint {
  const has = stakeAt(positions, coldkey, wanted.hotkey, wanted.netuid);
  const { amount, netuid } = wanted;
  if (amount === null || amount <= has) return has;
  const exact = netuid === null ? exactCairn : exactTokens;
  throw new CliError(
    { code: 'STAKE_TOO_LOW', has, needs: amount },
    `At this hotkey are ${exact(has)}, less than ${exact(amount)}. Name less, or all.`,
  );
}
