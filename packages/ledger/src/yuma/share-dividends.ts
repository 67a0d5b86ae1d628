import { type AccountId, type Amount, areBytesEqual, bytesToHex } from '@cairn/core';
import type { SplitDividends } from '../emission/split.ts';
import { lendings } from '../staking/children/state.ts';
import { shareWithParents } from '../staking/math/parent-dividends.ts';
import { hotkeys } from '../staking/state.ts';
import type { StateView } from '../state/view.ts';
import type { MemberStake } from './member-stakes.ts';

/** Dividends for those who stake to a hotkey. */
export interface HotkeyDividends {
  readonly hotkey: AccountId;
  /** For those who stake tokens of the subnet. */
  readonly token: Amount;
  /** For those who stake on root. */
  readonly root: Amount;
}

/**
 * Gives the parents of each neuron their parts of its dividends, tokens by the tokens they lend and root's by root
 * stake, less its take. A hotkey that earns on several ways gets it together.
 *
 * @param split dividends of each neuron, by uid
 * @returns by hex of the hotkey: neurons first, then parents that are none
 */
export function shareDividends(
  view: StateView,
  netuid: number,
  members: readonly { readonly hotkey: AccountId }[],
  memberStakes: readonly MemberStake[],
  split: SplitDividends,
): Map<string, HotkeyDividends> {
  const shared = new Map<string, HotkeyDividends>();
  const add = (hotkey: AccountId, token: Amount, root: Amount) => {
    const id = bytesToHex(hotkey);
    const before = shared.get(id) ?? { hotkey, token: 0n, root: 0n };
    shared.set(id, { hotkey, token: before.token + token, root: before.root + root });
  };
  for (const { hotkey } of members) add(hotkey, 0n, 0n);
  for (const [uid, { hotkey }] of members.entries()) {
    const [token, root] = [split.alpha[uid]!, split.root[uid]!];
    const { loans, kept } = memberStakes[uid]!;
    if (loans.length === 0) {
      add(hotkey, token, root);
      continue;
    }
    const owner = hotkeys.get(view, hotkey)?.owner;
    const isSame = (parent: AccountId) => {
      const other = hotkeys.get(view, parent)?.owner;
      return owner !== undefined && other !== undefined && areBytesEqual(owner, other);
    };
    const take = {
      numerator: BigInt(lendings.get(view, netuid, hotkey)?.takeBps ?? 0),
      denominator: 10_000n,
    };
    const facts = (kind: 'alpha' | 'root') =>
      loans.map((loan) => ({ contribution: loan[kind], isSameOwner: isSame(loan.parent) }));
    const tokens = shareWithParents(token, kept.alpha, facts('alpha'), take);
    const roots = shareWithParents(root, kept.root, facts('root'), take);
    add(hotkey, tokens.child, roots.child);
    for (const [index, { parent }] of loans.entries())
      add(parent, tokens.parents[index]!, roots.parents[index]!);
  }
  return shared;
}
