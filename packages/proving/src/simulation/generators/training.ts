import { areBytesEqual, bytesToHex, encode, hexToBytes, type Shape } from '@cairn/core';
import {
  appealStepShape,
  bitmapOf,
  challengeStepShape,
  commitScoresShape,
  commitUpdateShape,
  createRunShape,
  endRunShape,
  fundRunShape,
  joinRunShape,
  judgeStepShape,
  leaveRunShape,
  placesOf,
  postCheckpointShape,
  type Round,
  type Run,
  revealScoresShape,
  rounds,
  runs,
  scoreCommitmentOf,
  settleRoundShape,
  signCheckpointShape,
  subnets,
  witnessUpdatesShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

const ENGINE = new Uint8Array(32).fill(7);
const PEBBLES = 1_000_000_000n;

function made<T>(sender: SimulatedCall['sender'], name: string, shape: Shape<T>, message: T): SimulatedCall {
  return { sender, messageId: messageIdOf(`training.${name}`), message: encode(shape, message) };
}

/** The salt of a validator in a round: the same when it commits and when it reveals. */
const saltOf = (crypto: SimulationScene['crypto'], hotkey: Uint8Array, round: number): Uint8Array =>
  crypto.sha256(Uint8Array.of(...hotkey, round & 255));

/** By the owner of a subnet if there is one, else by somebody who may not. */
function createCall({ random, people, view }: SimulationScene): SimulatedCall {
  const [netuid = 1] = [1, 2, 3, 4, 5, 6].filter((each) => subnets.get(view, each) !== undefined);
  const owner = subnets.get(view, netuid)?.owner;
  const sender = people.find(({ account }) => owner !== undefined && areBytesEqual(account, owner));
  const from = sender ?? random.pick(people);
  return made(from, 'createRun', createRunShape, {
    netuid,
    name: 'run',
    manifest: random.bytes(32),
    manifestBytes: 1_000,
    initialRoot: random.bytes(32),
    terms: {
      engine: 'exact',
      engineClass: ENGINE,
      innerSteps: 4,
      maxTrainSlots: 6,
      minTrainSlots: 1 + random.below(6),
      showSlots: 4,
      settleSlots: 4,
      minTrainers: 1,
      maxTrainers: 1 + random.below(4),
      reserves: random.below(3),
      witnesses: 1 + random.below(4),
      bond: random.belowBig(PEBBLES),
      rewardPerRound: random.belowBig(PEBBLES),
      vestSlots: 1 + random.below(20),
      caseSlots: 1 + random.below(8),
      appealSlots: 1 + random.below(4),
      drawBps: random.below(10_001),
      checkpointEvery: 1 + random.below(4),
      rounds: 0,
    },
    maintainers: [people[0]!.account],
    parent: null,
    parentModel: null,
    funds: random.belowBig(20n * PEBBLES),
  });
}

/** A run that there is, mostly: its record and its round. */
function knownRun({ random, view }: SimulationScene): {
  readonly id: Uint8Array;
  readonly run: Run | undefined;
  readonly round: Round | undefined;
} {
  const list = [...runs.ids(view)].slice(-4);
  const hex = list.length === 0 ? bytesToHex(random.bytes(32)) : random.pick(list);
  return { id: hexToBytes(hex), run: runs.get(view, hex), round: rounds.get(view, hex) };
}

type Known = ReturnType<typeof knownRun>;

/** What a trainer or a validator sends in the phase the run is in. */
function roundCall(scene: SimulationScene, { id, run, round }: Known): SimulatedCall {
  const { random, people, crypto } = scene;
  const sender = random.pick(people);
  const number = run?.round ?? 1;
  const scores = (round?.roster ?? []).map((seat) => (seat * 37) % 1_000);
  const salt = saltOf(crypto, sender.account, number);
  if (run?.phase === 'show') {
    if (random.oneIn(2)) {
      const commitment = scoreCommitmentOf(crypto, {
        run: id,
        round: number,
        hotkey: sender.account,
        scores,
        salt,
      });
      return made(sender, 'commitScores', commitScoresShape, { run: id, round: number, commitment });
    }
    const held = placesOf(round!.committed).filter(() => !random.oneIn(6));
    return made(sender, 'witness', witnessUpdatesShape, { run: id, round: number, found: bitmapOf(held) });
  }
  if (run?.phase === 'settle') {
    if (random.oneIn(2))
      return made(sender, 'revealScores', revealScoresShape, { run: id, round: number, scores, salt });
    const quorum = Math.max(1, Math.floor((2 * round!.witnesses.length) / 3));
    const sound = placesOf(round!.committed).filter((place) => round!.found[place]! >= quorum);
    return made(sender, 'settle', settleRoundShape, {
      run: id,
      round: number,
      accepted: bitmapOf(sound),
      newRoot: crypto.sha256(Uint8Array.of(number & 255)),
      evalLoss: random.oneIn(8) ? 0xffff_ffff : 1_000_000 + random.below(200_000),
    });
  }
  return made(sender, 'commitUpdate', commitUpdateShape, {
    run: id,
    round: number,
    payload: random.bytes(32),
    sizeBytes: 100,
    baseRoot: run?.root ?? random.bytes(32),
    traceRoot: random.bytes(32),
    residualRoot: random.bytes(32),
    steps: 1 + random.below(5),
  });
}

function caseCall(scene: SimulationScene, { id, run }: Known): SimulatedCall {
  const { random, people } = scene;
  const sender = random.pick(people);
  const number = 1 + random.below(Math.max(1, run?.cases ?? 1));
  if (random.oneIn(4)) {
    return made(sender, 'challenge', challengeStepShape, {
      run: id,
      round: Math.max(1, (run?.round ?? 2) - 1 - random.below(3)),
      place: random.below(3),
      step: random.below(4),
      evidence: random.bytes(32),
    });
  }
  if (random.oneIn(4)) return made(sender, 'appeal', appealStepShape, { run: id, case: number });
  const verdict = random.pick(['guilty', 'guilty', 'honest', 'unavailable'] as const);
  return made(sender, 'judge', judgeStepShape, { run: id, case: number, verdict });
}

function checkpointCall(scene: SimulationScene, { id, run }: Known): SimulatedCall {
  const { random, people } = scene;
  const round = Math.max(0, (run?.round ?? 1) - 1);
  const files = { manifest: new Uint8Array(32).fill(3), gguf: new Uint8Array(32).fill(4) };
  const sender = people[0]!;
  if (random.oneIn(2)) return made(sender, 'sign', signCheckpointShape, { run: id, round, ...files });
  const root = run?.root ?? random.bytes(32);
  return made(sender, 'postCheckpoint', postCheckpointShape, { run: id, round, root, ...files });
}

/** Runs with trainers that come, work, miss rounds and leave, validators that score, judge and stay silent. */
export const trainingGenerator: CallGenerator = {
  module: 'training',
  weight: 9,
  call(scene) {
    const { random, people } = scene;
    const sender = random.pick(people);
    const known = knownRun(scene);
    const isFirst = known.run === undefined && random.oneIn(2);
    if (isFirst || known.run?.phase === 'ended' || random.oneIn(60)) return createCall(scene);
    switch (random.below(16)) {
      case 0:
        return made(sender, 'fund', fundRunShape, { run: known.id, amount: random.belowBig(PEBBLES) });
      case 1:
        return random.oneIn(12)
          ? made(sender, 'endRun', endRunShape, { run: known.id })
          : made(sender, 'leave', leaveRunShape, { run: known.id, device: sender.account });
      case 2:
      case 3:
        return made(sender, 'join', joinRunShape, {
          run: known.id,
          device: sender.account,
          engineClass: ENGINE,
          peer: 'memory',
        });
      case 4:
      case 5:
        return caseCall(scene, known);
      case 6:
        return checkpointCall(scene, known);
      default:
        return roundCall(scene, known);
    }
  },
};
