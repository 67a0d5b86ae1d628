import { sign } from 'node:crypto';
import { encode } from '@cairn/core';
import {
  associateHotkeyShape,
  claimRootShape,
  dissociateHotkeyShape,
  hotkeySignBytes,
  moveStakeShape,
  releaseShape,
  setAutoStakeShape,
  setChildrenShape,
  setChildTakeShape,
  setRootClaimShape,
  setTakeShape,
  stakeShape,
  transferStakeShape,
  unstakeShape,
} from '@cairn/ledger';
import type { CallGenerator } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { callOfTokens } from './staked-tokens.ts';

/** Every person is also a hotkey that anyone may claim to own, some with a signature that does not hold. */
export const stakingGenerator: CallGenerator = {
  module: 'staking',
  weight: 25,
  call(scene) {
    const { random, people, chainId } = scene;
    const sender = random.pick(people);
    const hotkey = random.oneIn(2) ? sender : random.pick(people);
    const amount = random.belowBig(random.pick([1_000n, 10_000_000n, 400_000_000_000n]));
    switch (random.below(25)) {
      case 0: {
        const bytes = hotkeySignBytes(chainId, random.oneIn(6) ? hotkey.account : sender.account);
        const signature = new Uint8Array(sign(null, bytes, hotkey.key));
        const proof = { scheme: 'ed25519', publicKey: hotkey.publicKey, signature } as const;
        return {
          sender,
          messageId: messageIdOf('staking.associateHotkey'),
          message: encode(associateHotkeyShape, { hotkey: proof }),
        };
      }
      case 1: {
        const message = encode(setTakeShape, { hotkey: hotkey.account, takeBps: random.below(2_500) });
        return { sender, messageId: messageIdOf('staking.setTake'), message };
      }
      case 2: {
        const message = encode(dissociateHotkeyShape, { hotkey: hotkey.account });
        return { sender, messageId: messageIdOf('staking.dissociateHotkey'), message };
      }
      case 3:
      case 4: {
        const all = random.oneIn(3) ? null : amount;
        const message = encode(unstakeShape, { hotkey: hotkey.account, amount: all });
        return { sender, messageId: messageIdOf('staking.unstake'), message };
      }
      case 5:
      case 6: {
        const all = random.oneIn(3) ? null : amount;
        const netuid = random.below(4);
        const [from, to] = [hotkey.account, random.pick(people).account];
        const message = encode(moveStakeShape, { netuid, from, to, amount: all });
        return { sender, messageId: messageIdOf('staking.moveStake'), message };
      }
      case 7: {
        const all = random.oneIn(3) ? null : amount;
        const [netuid, to] = [random.below(4), random.pick(people).account];
        const message = encode(transferStakeShape, { netuid, hotkey: hotkey.account, to, amount: all });
        return { sender, messageId: messageIdOf('staking.transferStake'), message };
      }
      case 8: {
        const message = encode(releaseShape, { coldkey: hotkey.account });
        return { sender, messageId: messageIdOf('staking.release'), message };
      }
      case 9:
      case 10: {
        const children = Array.from({ length: random.below(4) }, () => ({
          hotkey: random.pick(people).account,
          proportion: random.belowBig(random.pick([3n, 1n << 62n, 1n << 64n])),
        }));
        const named = { netuid: 1 + random.below(3), hotkey: hotkey.account, children };
        return {
          sender,
          messageId: messageIdOf('staking.setChildren'),
          message: encode(setChildrenShape, named),
        };
      }
      case 11: {
        const take = { netuid: 1 + random.below(3), hotkey: hotkey.account, takeBps: random.below(2_000) };
        return {
          sender,
          messageId: messageIdOf('staking.setChildTake'),
          message: encode(setChildTakeShape, take),
        };
      }
      case 12: {
        const choice = { netuid: 1 + random.below(3), hotkey: random.oneIn(4) ? null : hotkey.account };
        const message = encode(setAutoStakeShape, choice);
        return { sender, messageId: messageIdOf('staking.setAutoStake'), message };
      }
      case 13:
      case 14: {
        const kind = random.oneIn(3) ? 'swap' : 'keep';
        const claim = { hotkey: hotkey.account, kind, amount: random.oneIn(2) ? null : amount } as const;
        const message = encode(setRootClaimShape, claim);
        return { sender, messageId: messageIdOf('staking.setRootClaim'), message };
      }
      case 15: {
        const message = encode(claimRootShape, { hotkey: hotkey.account, netuid: 1 + random.below(3) });
        return { sender, messageId: messageIdOf('staking.claimRoot'), message };
      }
      case 16:
      case 17:
      case 18:
      case 19:
      case 20:
      case 21:
        return callOfTokens(scene, sender);
      default: {
        const message = encode(stakeShape, { hotkey: hotkey.account, amount });
        return { sender, messageId: messageIdOf('staking.stake'), message };
      }
    }
  },
};
