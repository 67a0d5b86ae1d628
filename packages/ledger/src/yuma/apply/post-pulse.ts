import { defineMessage, PULSE_WORK, problem } from '../../execution/message.ts';
import { beaconCell } from '../../genesis/state.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { subnets } from '../../subnets/state.ts';
import { pulsePosted } from '../events.ts';
import { postPulseShape } from '../messages/post-pulse.ts';
import { beaconNone } from '../problems.ts';
import { epochs } from '../state.ts';
import { hasPulse, lastOpeningSlot } from '../timelock/rounds.ts';
import { MAX_OPENINGS, openingsCell, timelocks } from '../timelock/state.ts';

export const postPulseMessage = defineMessage({
  id: 54,
  name: 'yuma.postPulse',
  help: "Brings in the pulse of the beacon's round that opens a subnet's timelocked weights. Anybody may; the fee of the one that is first is given back.",
  shape: postPulseShape,
  work: () => 8 + PULSE_WORK,
  isFree: true,
  apply(context, { netuid, round, signature }) {
    const { state, crypto, slot } = context;
    const beacon = beaconCell.get(state);
    if (beacon === null) return beaconNone();
    if (subnets.get(state, netuid) === undefined) return subnetUnknown(state, netuid);
    const { epoch } = epochs.get(state, netuid)!;
    const awaited = timelocks.get(state, netuid).filter((lock) => lock.round === round);
    const lock = awaited.find((each) => !hasPulse(each));
    if (lock === undefined) {
      return awaited.length > 0
        ? problem('PULSE_KNOWN', `The pulse of round ${round} is there already. Nothing is left to do.`)
        : problem('ROUND_NOT_AWAITED', `No weights of subnet ${netuid} wait for round ${round}.`);
    }
    if (epoch < lock.revealEpoch) {
      return problem(
        'PULSE_TOO_EARLY',
        `Weights of round ${round} count in epoch ${lock.revealEpoch} of subnet ${netuid}; this is ${epoch}. Send the pulse again then.`,
      );
    }
    const last = lastOpeningSlot(state, netuid);
    if (slot >= last) {
      return problem(
        'PULSE_TOO_LATE',
        `In epoch ${epoch} of subnet ${netuid} weights are opened until slot ${last}; this is ${slot}. Those of round ${round} lapse, and nobody forfeits for it.`,
      );
    }
    const queue = openingsCell.get(state);
    if (queue.length >= MAX_OPENINGS) {
      return problem(
        'OPENINGS_FULL',
        `${queue.length} epochs wait to be opened, the most there may be. Send the pulse again in a later block.`,
      );
    }
    if (!crypto.verifyPulse(beacon.publicKey, round, signature)) {
      return problem(
        'PULSE_FORGED',
        `The signature is not the beacon's of round ${round}. Fetch the pulse from another source.`,
      );
    }
    timelocks.put(state, netuid, { ...lock, signature });
    openingsCell.set(state, [...queue, { netuid, epoch: lock.epoch }]);
    pulsePosted(context, { netuid, round, signature, closed: lock.uids.length });
    return null;
  },
});
