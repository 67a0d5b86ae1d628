import { encode } from '@cairn/core';
import {
  buyShape,
  sellShape,
  stakeTokensShape,
  subnetsCell,
  swapShape,
  transferTokensShape,
  unstakeTokensShape,
} from '@cairn/ledger';
import type { CallGenerator } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { sealedOrderCall } from './sealed-orders.ts';

const SUBNETS = 4;

/** Swaps of every kind, plain and sealed, bounds that hold and that do not, tokens given and staked. */
export const poolsGenerator: CallGenerator = {
  module: 'pools',
  weight: 10,
  call(scene) {
    const { random, people, view } = scene;
    const sender = random.pick(people);
    const newest = subnetsCell.get(view).count;
    const netuid = Math.max(1, newest + 1 - random.below(SUBNETS));
    const amount = random.belowBig(random.pick([10n, 100_000n, 1_000_000_000n, 400_000_000_000n]));
    const limitPrice = random.oneIn(3) ? random.belowBig(4_000_000_000n) : null;
    const bounds = {
      limitPrice,
      minOut: random.oneIn(3) ? random.belowBig(amount + 1n) : 0n,
      isPartialAllowed: random.oneIn(2),
    };
    const all = random.oneIn(5) ? null : amount;
    const hotkey = random.pick(people).account;
    switch (random.below(11)) {
      case 0: {
        const message = encode(sellShape, { netuid, amount: all, ...bounds });
        return { sender, messageId: messageIdOf('pools.sell'), message };
      }
      case 1: {
        const to = Math.max(1, newest + 1 - random.below(SUBNETS));
        const legs = { from: netuid, to, amount: all, minProceeds: 0n, minOut: bounds.minOut };
        return { sender, messageId: messageIdOf('pools.swap'), message: encode(swapShape, legs) };
      }
      case 2: {
        const message = encode(transferTokensShape, { netuid, to: random.pick(people).account, amount });
        return { sender, messageId: messageIdOf('pools.transfer'), message };
      }
      case 3: {
        const message = encode(stakeTokensShape, { netuid, hotkey, amount });
        return { sender, messageId: messageIdOf('staking.stakeTokens'), message };
      }
      case 4: {
        const message = encode(unstakeTokensShape, { netuid, hotkey, amount: all });
        return { sender, messageId: messageIdOf('staking.unstakeTokens'), message };
      }
      case 5:
      case 6:
      case 7:
      case 8:
        return sealedOrderCall(scene, netuid, amount);
      default: {
        const message = encode(buyShape, { netuid, amount, ...bounds });
        return { sender, messageId: messageIdOf('pools.buy'), message };
      }
    }
  },
};
