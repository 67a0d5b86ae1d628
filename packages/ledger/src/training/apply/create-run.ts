import { areBytesEqual, bytesToHex } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { models } from '../../registry/state.ts';
import { notSubnetOwner, subnetUnknown } from '../../subnets/problems.ts';
import { subnets } from '../../subnets/state.ts';
import { keepRun } from '../agenda.ts';
import { checkpoints } from '../checkpoint.ts';
import { trainingSlot } from '../clock.ts';
import { runCreated } from '../events.ts';
import { MAX_RUNS } from '../limits.ts';
import { type CreateRun, createRunShape } from '../messages/runs.ts';
import { roundKey } from '../paid-round.ts';
import { members, openRunsCell, type Run, runIdOf } from '../run.ts';
import { keptBytesOf, workBytesOf } from '../sizes.ts';
import { findTermsFault } from '../terms.ts';

export const createRunMessage = defineMessage({
  id: 200,
  name: 'training.createRun',
  help: "Creates a training run on a subnet of the sender, whose validators will judge it, and puts money into its pool. The run's rounds begin as soon as it has trainers.",
  shape: createRunShape,
  work: () => 24,
  apply(context, wanted) {
    const { state, sender, crypto, chainId, nonce } = context;
    const unfit = checkRun(context, wanted);
    if (unfit !== null) return unfit;
    const deposit = recordDeposit(context, keptBytesOf(wanted.terms));
    const workDeposit = recordDeposit(context, workBytesOf(wanted.terms));
    const refused =
      holdDeposit(context, sender, deposit) ??
      holdDeposit(context, sender, workDeposit) ??
      debit(context, sender, wanted.funds, 'training.fund');
    if (refused !== null) return refused;
    const id = runIdOf(crypto, chainId, sender, nonce);
    const { initialRoot, funds, ...given } = wanted;
    const run: Run = {
      ...given,
      owner: sender,
      createdSlot: trainingSlot(state),
      phase: 'cooldown',
      reason: 'tooFewTrainers',
      isEnding: false,
      round: 1,
      root: initialRoot,
      dataStart: 0n,
      halvings: 0,
      checkpointRound: 0,
      checkpointRoot: initialRoot,
      logFrom: 1,
      bestLoss: 0,
      rising: 0,
      pool: funds,
      challengeFund: 0n,
      mix: new Uint8Array(32),
      mixedSalts: 0,
      seats: 0,
      unvestedRound: 1,
      keptRound: 1,
      cases: 0,
      voidRounds: 0,
      deposit,
      workDeposit,
    };
    members.set(state, bytesToHex(id), { active: [], leaving: [], arrivals: [], openCases: [] });
    keepRun(state, id, run);
    runCreated(context, id, run);
    return null;
  },
});

function checkRun({ state, sender }: MessageContext, wanted: CreateRun): Verdict {
  const subnet = subnets.get(state, wanted.netuid);
  if (subnet === undefined) return subnetUnknown(state, wanted.netuid);
  if (!areBytesEqual(subnet.owner, sender)) return notSubnetOwner(wanted.netuid, subnet.owner);
  const fault = findTermsFault(wanted.terms);
  if (fault !== null) return problem('TERMS_INVALID', `The terms of the run do not work: ${fault}.`);
  const { length } = openRunsCell.get(state);
  if (length >= MAX_RUNS)
    return problem('RUNS_FULL', `${length} runs are open, which is all a network has. Wait until one ends.`);
  const twice = wanted.maintainers.some((one, at) =>
    wanted.maintainers.slice(0, at).some((other) => areBytesEqual(one, other)),
  );
  if (twice) return problem('MAINTAINER_TWICE', 'A maintainer is named twice. Name each once.');
  return checkLineage(state, wanted);
}

/** A run that goes on from a checkpoint starts from its weights; one from a model names one that is registered. */
function checkLineage(
  state: MessageContext['state'],
  { parent, parentModel, initialRoot }: CreateRun,
): Verdict {
  if (parent !== null) {
    const found = checkpoints.get(state, roundKey(parent.run, parent.round));
    if (found === undefined) {
      return problem(
        'PARENT_UNKNOWN',
        `Run ${bytesToHex(parent.run)} has no checkpoint after round ${parent.round}.`,
      );
    }
    if (!areBytesEqual(found.root, initialRoot)) {
      return problem(
        'PARENT_ROOT_OTHER',
        `The weights of that checkpoint have root ${bytesToHex(found.root)}, not ${bytesToHex(initialRoot)}.`,
      );
    }
  }
  if (parentModel === null || models.get(state, bytesToHex(parentModel)) !== undefined) return null;
  return problem('MODEL_UNKNOWN', `No model ${bytesToHex(parentModel)} is registered.`);
}
