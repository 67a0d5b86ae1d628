import { accountIdToAddress, bytesToHex, hexToBytes } from '@cairn/core';
import {
  bitmapOf,
  type Round,
  type Run,
  type RunTerms,
  rounds,
  runs,
  scoreCommitmentOf,
  seats,
} from '../../src/index.ts';
import { CAIRN, type Call, type TestChain, type TestKey, testCrypto } from './chain.ts';
import { aMarket, expectDone, type Person } from './market.ts';

export const ENGINE = new Uint8Array(32).fill(7);
export const FIRST_ROOT = new Uint8Array(32).fill(1);
export const REWARD = 100n * CAIRN;
export const BOND = 5n * CAIRN;
export const VEST = 30;

export const TERMS: RunTerms = {
  engine: 'exact',
  engineClass: ENGINE,
  innerSteps: 10,
  maxTrainSlots: 8,
  minTrainSlots: 4,
  showSlots: 12,
  settleSlots: 12,
  minTrainers: 1,
  maxTrainers: 8,
  reserves: 0,
  witnesses: 8,
  bond: BOND,
  rewardPerRound: REWARD,
  vestSlots: VEST,
  caseSlots: 6,
  appealSlots: 4,
  drawBps: 0,
  checkpointEvery: 64,
  rounds: 0,
};

export const aRoot = (number: number): Uint8Array => testCrypto.sha256(Uint8Array.of(1, number >> 8, number));
export const saltOf = (judge: number, round: number): Uint8Array =>
  testCrypto.sha256(Uint8Array.of(2, judge, round));

/** A subnet with validators of 1,000 CAIRN each, and a run on it with a trainer for each miner. */
export async function aRun({
  terms = {},
  validators = 3,
  trainers = 3,
  joined = trainers,
  funds = 10_000n * CAIRN,
  message = {},
}: {
  readonly terms?: Partial<RunTerms>;
  readonly validators?: number;
  readonly trainers?: number;
  /** How many of the trainers have joined. */
  readonly joined?: number;
  readonly funds?: bigint;
  readonly message?: object;
} = {}) {
  const market = await aMarket({ validators, miners: trainers, parameters: { defaultTempo: 1_000n } });
  const { chain, owner } = market;
  const created = chain.block([
    { from: owner.coldkey, name: 'training.createRun', message: { ...aCreateRun(terms, funds), ...message } },
  ]);
  expectDone(created);
  const id = hexToBytes(
    created.results[0]!.events.find(({ name }) => name === 'training.runCreated')!.data.run as string,
  );
  const run = createRunDriver(chain, id, market.validators, market.miners);
  const joins = market.miners.slice(0, joined).map((person) => run.joinCall(person));
  if (joins.length > 0) expectDone(chain.block(joins));
  return { ...market, ...run, trainers: market.miners };
}

export const aCreateRun = (terms: Partial<RunTerms> = {}, funds = 10_000n * CAIRN) => ({
  netuid: 1,
  name: 'a run',
  manifest: new Uint8Array(32).fill(3),
  manifestBytes: 1_000,
  initialRoot: FIRST_ROOT,
  terms: { ...TERMS, ...terms },
  maintainers: [],
  parent: null,
  parentModel: null,
  funds,
});

/** Everything a test does with one run. Trainers are wallets (coldkey) with one machine (hotkey). */
function createRunDriver(
  chain: TestChain,
  id: Uint8Array,
  validators: readonly Person[],
  trainers: readonly Person[],
) {
  const hex = bytesToHex(id);
  const run = (): Run => runs.get(chain.view, hex)!;
  const round = (): Round => rounds.get(chain.view, hex)!;
  const joinCall = ({ coldkey, hotkey }: Person, changes: object = {}): Call => ({
    from: coldkey,
    name: 'training.join',
    message: { run: id, device: hotkey.account, engineClass: ENGINE, peer: 'memory', ...changes },
  });
  /** The place of a trainer in the open round; −1 when it was not drawn. */
  const placeOf = (person: Person): number => {
    const seat = seatOf(person);
    return seat === null ? -1 : round().roster.indexOf(seat.number);
  };
  const seatOf = ({ hotkey }: Person) =>
    chain.query('training_seat', { run: hex, device: accountIdToAddress(hotkey.account) });
  const seatByNumber = (number: number) =>
    seats.get(chain.view, `${hex}/${number.toString().padStart(10, '0')}`);
  const commitCall = (person: Person, changes: object = {}): Call => ({
    from: person.hotkey,
    name: 'training.commitUpdate',
    message: {
      run: id,
      round: run().round,
      payload: testCrypto.sha256(Uint8Array.of(4, ...person.hotkey.publicKey, run().round)),
      sizeBytes: 500,
      baseRoot: run().root,
      traceRoot: aRoot(900),
      residualRoot: new Uint8Array(32),
      steps: TERMS.innerSteps,
      ...changes,
    },
  });
  const witnessCall = (person: Person, places: readonly number[], changes: object = {}): Call => ({
    from: person.hotkey,
    name: 'training.witness',
    message: { run: id, round: run().round, found: bitmapOf(places), ...changes },
  });
  const commitment = (judge: number, scores: readonly number[]) =>
    scoreCommitmentOf(testCrypto, {
      run: id,
      round: run().round,
      hotkey: validators[judge]!.hotkey.account,
      scores,
      salt: saltOf(judge, run().round),
    });
  const scoreCall = (judge: number, scores: readonly number[], changes: object = {}): Call => ({
    from: validators[judge]!.hotkey,
    name: 'training.commitScores',
    message: { run: id, round: run().round, commitment: commitment(judge, scores), ...changes },
  });
  const revealCall = (judge: number, scores: readonly number[], changes: object = {}): Call => ({
    from: validators[judge]!.hotkey,
    name: 'training.revealScores',
    message: { run: id, round: run().round, scores, salt: saltOf(judge, run().round), ...changes },
  });
  const settleCall = (judge: number, places: readonly number[], changes: object = {}): Call => ({
    from: validators[judge]!.hotkey,
    name: 'training.settle',
    message: {
      run: id,
      round: run().round,
      accepted: bitmapOf(places),
      newRoot: aRoot(run().round),
      evalLoss: 0,
      ...changes,
    },
  });
  const judgeCall = (judge: number, number: number, verdict: string): Call => ({
    from: validators[judge]!.hotkey,
    name: 'training.judge',
    message: { run: id, case: number, verdict },
  });
  const challengeCall = (from: TestKey, changes: object = {}): Call => ({
    from,
    name: 'training.challenge',
    message: { run: id, round: 1, place: 0, step: 3, evidence: new Uint8Array(32), ...changes },
  });

  /** Blocks of one slot until the run is in a phase, or a hundred are over. */
  function untilPhase(phase: Run['phase']): void {
    for (let blocks = 0; run().phase !== phase; blocks += 1) {
      if (blocks === 100) throw new Error(`The run stays in ${run().phase} (${run().reason}).`);
      chain.block();
    }
  }

  /** Updates of these trainers, all others missing; ends with the scores being asked for. */
  function train(
    people: readonly Person[] = trainers,
    changes: (person: Person) => object = () => ({}),
  ): void {
    untilPhase('train');
    expectDone(chain.block(people.map((person) => commitCall(person, changes(person)))));
    untilPhase('show');
  }

  /** Witnesses hold these places, all who can say so. */
  function witness(people: readonly Person[] = trainers, places?: readonly number[]): void {
    const found = places ?? people.map(placeOf).filter((place) => place >= 0);
    const drawn = people.filter((person) => round().witnesses.includes(placeOf(person)));
    expectDone(chain.block(drawn.map((person) => witnessCall(person, found))));
  }

  /** A whole round: these trainers commit and are found, every validator gives these scores and accepts them all. */
  function play({
    people = trainers,
    scoreOf = () => 100,
    update = () => ({}),
    outcome = {},
    accepted = people,
    silent = 0,
  }: {
    readonly people?: readonly Person[];
    readonly scoreOf?: (person: Person) => number;
    readonly update?: (person: Person) => object;
    readonly outcome?: object;
    readonly accepted?: readonly Person[];
    /** Validators, from the last on, that reveal nothing. */
    readonly silent?: number;
  } = {}): number {
    train(people, update);
    const number = run().round;
    const scores = round().roster.map((_, place) => {
      const person = people.find((one) => placeOf(one) === place);
      return person === undefined ? 0 : scoreOf(person);
    });
    const places = accepted.map(placeOf).filter((place) => place >= 0);
    witness(people);
    expectDone(chain.block(validators.map((_, judge) => scoreCall(judge, scores))));
    untilPhase('settle');
    expectDone(
      chain.block(
        validators.flatMap((_, judge) => [
          ...(judge < validators.length - silent ? [revealCall(judge, scores)] : []),
          settleCall(judge, places, outcome),
        ]),
      ),
    );
    for (let blocks = 0; run().round === number; blocks += 1) {
      if (blocks === 100) throw new Error(`Round ${number} is not settled.`);
      chain.block();
    }
    return number;
  }

  const explain = (number: number) => chain.query('training_explain', { run: hex, round: number });

  return {
    id,
    hex,
    run,
    round,
    placeOf,
    seatOf,
    seatByNumber,
    joinCall,
    commitCall,
    witnessCall,
    scoreCall,
    revealCall,
    settleCall,
    judgeCall,
    challengeCall,
    untilPhase,
    train,
    witness,
    play,
    explain,
  };
}
