import type { PriceKind, Purse } from '../database/tables.ts';

/** A row that an event gives, without its place. */
export type ProjectedRow =
  | {
      readonly table: 'flows';
      readonly account: string;
      readonly purse: Purse;
      readonly token: number;
      readonly kind: string;
      readonly amount: bigint;
      readonly counterparty: string | null;
    }
  | { readonly table: 'prices'; readonly netuid: number; readonly kind: PriceKind; readonly amount: bigint }
  | {
      readonly table: 'pay';
      readonly netuid: number | null;
      readonly uid: number | null;
      readonly hotkey: string | null;
      readonly coldkey: string | null;
      readonly kind: string;
      readonly amount: bigint;
    }
  | {
      readonly table: 'channel_moves';
      readonly channel: string;
      readonly payer: string;
      readonly payee: string;
      readonly netuid: number;
      readonly kind: string;
      readonly amount: bigint;
      readonly burned: bigint;
    };

/** Subnet number that stands for CAIRN where a token is named. */
export const CAIRN = 0;

interface Move {
  readonly kind: string;
  readonly amount: bigint;
  /** @default CAIRN */
  readonly token?: number;
}

/** Money that comes to (or with a negative amount leaves) one purse of an account. Nothing when it is zero. */
export function flow(
  account: string,
  purse: Purse,
  { kind, amount, token = CAIRN }: Move,
  counterparty: string | null = null,
): ProjectedRow[] {
  return amount === 0n ? [] : [{ table: 'flows', account, purse, token, kind, amount, counterparty }];
}

/** From one account to another. */
export function between(from: string, to: string, move: Move): ProjectedRow[] {
  return [...flow(from, 'free', { ...move, amount: -move.amount }, to), ...flow(to, 'free', move, from)];
}

/** From one purse of an account to another. */
export function within(account: string, from: Purse, to: Purse, move: Move): ProjectedRow[] {
  return [...flow(account, from, { ...move, amount: -move.amount }), ...flow(account, to, move)];
}

export function price(netuid: number, kind: PriceKind, amount: bigint): ProjectedRow[] {
  return [{ table: 'prices', netuid, kind, amount }];
}
