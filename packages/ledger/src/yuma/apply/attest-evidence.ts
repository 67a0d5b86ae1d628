import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import type { StateView } from '../../state/view.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { neurons, subnets, uids as uidTable } from '../../subnets/state.ts';
import { evidenceAttested } from '../events.ts';
import { type AttestEvidence, attestEvidenceShape } from '../messages/attest-evidence.ts';
import { mechanismUnknown, noPermit, notRegistered } from '../problems.ts';
import { attestations, epochs, weights } from '../state.ts';

export const attestEvidenceMessage = defineMessage({
  id: 50,
  name: 'yuma.attestEvidence',
  help: "Says whose evidence of this epoch, in one mechanism, the sending validator has fetched, opened and found no contradiction in; replaces what it said before. Evidence without the word of more than half of the judges' stake costs its validator the dividends of the epoch in that mechanism; with fewer answers in it than the others' median, that part of them.",
  shape: attestEvidenceShape,
  work: ({ uids }) => 6 + uids.length,
  apply(context, message) {
    const { state, sender } = context;
    const { netuid, mechanism, epoch, uids, answered } = message;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const count = subnet.mechanisms.length;
    if (mechanism >= count) return mechanismUnknown(netuid, mechanism, count);
    const uid = uidTable.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    if (!neurons.get(state, netuid, uid)!.permit) return noPermit(netuid, uid);
    const unfit = checkEpoch(epochs.get(state, netuid)!.epoch, message) ?? checkUids(state, uid, message);
    if (unfit !== null) return unfit;
    attestations.set(state, netuid, uid, { epoch, uids, answered }, mechanism);
    evidenceAttested(context, { netuid, mechanism, uid, hotkey: sender, epoch }, { uids, answered });
    return null;
  },
});

/** Of a past epoch it would come too late, of a coming one nobody can have seen anything. */
function checkEpoch(current: number, { netuid, epoch }: AttestEvidence): Verdict {
  if (epoch === current) return null;
  return problem(
    'EPOCH_WRONG',
    `This attests evidence of epoch ${epoch}; subnet ${netuid} is in epoch ${current}. Attest the current one.`,
  );
}

function checkUids(
  state: StateView,
  self: number,
  { netuid, mechanism, epoch, uids, answered }: AttestEvidence,
): Verdict {
  if (answered.length !== uids.length) {
    return problem(
      'ANSWERED_LENGTH',
      `This names ${uids.length} uids and ${answered.length} counts of answers. Give one count for each uid.`,
    );
  }
  for (const [index, uid] of uids.entries()) {
    if (index > 0 && uid <= uids[index - 1]!) {
      return problem(
        'UIDS_UNSORTED',
        `Uid ${uid} follows ${uids[index - 1]}: sort the uids and name each once.`,
      );
    }
    if (uid === self) {
      return problem('EVIDENCE_OWN', `Uid ${uid} is the sender's own. Only others can say that it is there.`);
    }
    if (weights.get(state, netuid, uid, mechanism)?.epoch !== epoch) {
      return problem(
        'EVIDENCE_UNKNOWN',
        `Uid ${uid} has set no weights in epoch ${epoch}, so there is no evidence of it. Leave it out.`,
      );
    }
  }
  return null;
}
