import { account, list, struct, u16, u64, type ValueOf } from '@cairn/core';

/** Most hotkeys that one lends its stake to on a subnet. */
export const MAX_CHILDREN = 5;

export const childShape = struct('Child', {
  hotkey: account,
  /** Part of the stake, of 2^64 − 1. */
  proportion: u64,
});
export type Child = ValueOf<typeof childShape>;

export const setChildrenShape = struct('SetChildren', {
  netuid: u16,
  /** The parent: its stake is lent. */
  hotkey: account,
  /** All of them; none ends the lending. */
  children: list(childShape, MAX_CHILDREN),
});
export type SetChildren = ValueOf<typeof setChildrenShape>;
