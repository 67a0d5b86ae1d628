import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import {
  holdings,
  hotkeys,
  lockStakeShape,
  stakeTokensShape,
  subnets,
  tokenPositions,
  unlockShape,
  unstakeTokensShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

type Call = ReturnType<CallGenerator['call']>;

/** Stakes tokens where somebody has some, and locks, unlocks or takes out those of the sender: few would meet by chance. */
export function callOfTokens({ random, people, view }: SimulationScene, sender: Call['sender']): Call {
  const within = `${bytesToHex(sender.account)}/`;
  const netuidOf = (id: string) => Number(id.split('/')[1]);
  const isAlive = (id: string) => subnets.get(view, netuidOf(id)) !== undefined || random.oneIn(8);
  const staked = [...tokenPositions.table.ids(view, within)].filter(isAlive);
  const held = [...holdings.table.ids(view, within)].filter(isAlive);
  const known = [...hotkeys.table.ids(view)];
  if (held.length > 0 && known.length > 0 && (staked.length === 0 || random.oneIn(4))) {
    const id = random.pick(held);
    const amount = random.belowBig(holdings.table.get(view, id)!.amount + 2n);
    const stake = { netuid: netuidOf(id), hotkey: hexToBytes(random.pick(known)), amount };
    return {
      sender,
      messageId: messageIdOf('staking.stakeTokens'),
      message: encode(stakeTokensShape, stake),
    };
  }
  const id = staked.length === 0 || random.oneIn(8) ? null : random.pick(staked);
  const place =
    id === null
      ? { netuid: 1 + random.below(3), hotkey: random.pick(people).account }
      : { netuid: netuidOf(id), hotkey: hexToBytes(id.split('/')[2]!) };
  const most = id === null ? 1_000_000n : tokenPositions.table.get(view, id)!.shares + 2n;
  const amount = random.belowBig(random.oneIn(4) ? 200n : most);
  switch (random.below(5)) {
    case 0:
      return { sender, messageId: messageIdOf('staking.unlock'), message: encode(unlockShape, place) };
    case 1: {
      const message = encode(unstakeTokensShape, { ...place, amount: random.oneIn(3) ? null : amount });
      return { sender, messageId: messageIdOf('staking.unstakeTokens'), message };
    }
    default: {
      const message = encode(lockStakeShape, { ...place, amount, isPerpetual: random.oneIn(2) });
      return { sender, messageId: messageIdOf('staking.lockStake'), message };
    }
  }
}
