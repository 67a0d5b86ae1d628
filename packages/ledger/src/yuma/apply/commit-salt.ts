import { areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { subnets, uids } from '../../subnets/state.ts';
import { saltCommitted } from '../events.ts';
import { commitSaltShape } from '../messages/commit-salt.ts';
import { notRegistered } from '../problems.ts';
import { epochs, NO_SALT, salts } from '../state.ts';

export const commitSaltMessage = defineMessage({
  id: 49,
  name: 'yuma.commitSalt',
  help: 'Commits the sending hotkey to salts: its first, more of them, or others for some that were lost, which costs the dividends of the epoch.',
  shape: commitSaltShape,
  work: () => 8,
  apply(context, { netuid, commitments }) {
    const { state, sender } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const uid = uids.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    const most = subnet.hyperparameters.revealEpochs + 2;
    if (commitments.length > most) {
      return problem(
        'SALTS_TOO_MANY',
        `${commitments.length} salts are more than the ${most} that a validator of subnet ${netuid} has use for. Name fewer.`,
      );
    }
    if (new Set(commitments.map(bytesToHex)).size < commitments.length) {
      return problem('SALT_REUSED', 'Two of these salts are the same. Draw each at random.');
    }
    const { epoch } = epochs.get(state, netuid)!;
    const before = salts.get(state, netuid, uid) ?? NO_SALT;
    const keeps = (at: number) => {
      const [has, wants] = [before.bound[at], commitments[at]];
      return has !== undefined && wants !== undefined && areBytesEqual(has.commitment, wants);
    };
    const isDueGivenUp = before.bound.some((salt, at) => salt.epoch < epoch && !keeps(at));
    const bound = commitments.map((commitment, at) =>
      keeps(at) ? before.bound[at]! : { commitment, epoch },
    );
    const added = commitments.filter((_, at) => !keeps(at));
    salts.set(state, netuid, uid, {
      ...before,
      bound,
      replacedEpoch: isDueGivenUp ? epoch : before.replacedEpoch,
    });
    saltCommitted(context, { netuid, uid, hotkey: sender, epoch }, added);
    return null;
  },
});
