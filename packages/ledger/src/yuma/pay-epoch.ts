import { type AccountId, type Amount, areBytesEqual, bytesToHex, mulDiv } from '@cairn/core';
import { payNeuron } from '../emission/pay.ts';
import { rootWeightOf } from '../emission/root-proportion.ts';
import { splitDividends } from '../emission/split.ts';
import type { BlockContext } from '../execution/context.ts';
import { type Ratio, takeRatio } from '../fraction/ratio.ts';
import { hotkeys } from '../staking/state.ts';
import { type Neuron, neurons } from '../subnets/state.ts';
import type { CombinedEpoch, Forfeit } from './combine-mechanisms.ts';
import { dividendsForfeited } from './events.ts';
import type { MemberStake } from './member-stakes.ts';
import { shareDividends } from './share-dividends.ts';

interface Results {
  readonly netuid: number;
  readonly epoch: number;
  readonly owner: AccountId;
  readonly members: readonly Neuron[];
  readonly memberStakes: readonly MemberStake[];
  /** Root's part of what validators earn. */
  readonly rootPart: Ratio;
  /** Of all mechanisms together. */
  readonly output: CombinedEpoch;
}

const isWithheld = ({ reason }: Forfeit) => reason === 'evidenceWithheld';
const isMissedWork = ({ reason }: Forfeit) => reason === 'saltWithheld' || reason === 'commitMissed';

/** What an epoch paid, in tokens of the subnet. */
export interface EpochPay {
  readonly paid: Amount;
  /** Share of the incentive that went to hotkeys of the subnet's owner and is burned, of 2^32. */
  readonly minerBurned: bigint;
}

/**
 * Pays each neuron and stores what the epoch found of it. Dividends are divided between those who stake tokens and
 * those who stake on root. Incentive of the owner's own hotkeys is not paid: it lowers the subnet's emission.
 */
export function payMembers(context: BlockContext, results: Results): EpochPay {
  const { netuid, epoch, owner, members, memberStakes, rootPart, output } = results;
  const dividends = [...output.validatorEmission];
  const purse = dividends.reduce((total, dividend) => total + dividend, 0n);
  const rootPurse = takeRatio(purse, rootPart);
  const split = splitDividends(
    dividends.map((dividend, uid) => ({ ...memberStakes[uid]!, dividend })),
    purse - rootPurse,
    rootPurse,
    rootWeightOf(context.parameters),
  );
  const shared = shareDividends(context.state, netuid, members, memberStakes, split);
  let paid = 0n;
  let mined = 0n;
  let burned = 0n;
  for (const [uid, neuron] of members.entries()) {
    const { hotkey } = neuron;
    const forfeits = output.forfeits[uid]!;
    for (const { mechanism, amount, reason } of forfeits)
      dividendsForfeited(context, { netuid, mechanism, uid, hotkey, epoch }, amount, reason);
    const incentive = output.serverEmission[uid]!;
    const isOwners = areBytesEqual(hotkeys.get(context.state, hotkey)?.owner ?? hotkey, owner);
    mined += incentive;
    if (isOwners) burned += incentive;
    const own = shared.get(bytesToHex(hotkey)) ?? { token: 0n, root: 0n };
    paid += payNeuron(context, {
      netuid,
      uid,
      hotkey,
      incentive: isOwners ? 0n : incentive,
      tokenDividends: own.token,
      rootDividends: own.root,
    });
    shared.delete(bytesToHex(hotkey));
    neurons.set(context.state, netuid, uid, {
      ...neuron,
      permit: output.newPermits[uid] === 1,
      consensus: output.consensus[uid]!,
      incentive: output.incentive[uid]!,
      dividends: output.dividends[uid]!,
      trust: output.validatorTrust[uid]!,
      emission: output.emission[uid]!,
      missedReveals: neuron.missedReveals + (forfeits.some(isMissedWork) ? 1 : 0),
      withheldEvidence: neuron.withheldEvidence + (forfeits.some(isWithheld) ? 1 : 0),
    });
  }
  // Who is left lends its stake to neurons and is none itself.
  for (const { hotkey, token, root } of shared.values()) {
    const earned = { incentive: 0n, tokenDividends: token, rootDividends: root };
    paid += payNeuron(context, { netuid, uid: null, hotkey, ...earned });
  }
  return { paid, minerBurned: mined === 0n ? 0n : mulDiv(burned, 1n << 32n, mined) };
}
