import { encode } from '@cairn/core';
import { accounts, closeShape, transferShape } from '@cairn/ledger';
import type { CallGenerator } from '../generator.ts';

/** Transfers of dust, of everything and of too much, to people, strangers and oneself; now and then a closed account. */
export const accountsGenerator: CallGenerator = {
  module: 'accounts',
  weight: 10,
  call({ random, people, view }) {
    const sender = random.pick(people);
    const other = random.pick(people);
    if (random.oneIn(40))
      return { sender, messageId: 2, message: encode(closeShape, { beneficiary: other.account }) };
    const spendable = accounts.get(view, sender.account)?.spendable ?? 0n;
    const amount = random.pick([
      random.belowBig(1_000n),
      random.belowBig(1_000_000_000n),
      spendable,
      spendable / 2n,
      spendable + random.belowBig(10n),
      0xffff_ffff_ffff_ffffn,
    ]);
    const to = random.oneIn(8) ? random.bytes(32) : other.account;
    return { sender, messageId: 1, message: encode(transferShape, { to, amount }) };
  },
};
