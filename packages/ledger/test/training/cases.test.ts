import { describe, expect, it } from 'vitest';
import { aKey, CAIRN, type Call, type TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import type { Person } from '../support/market.ts';
import { aRoot, aRun, BOND, REWARD, VEST } from '../support/training.ts';

const sendCall = (chain: TestChain, { from, name, message }: Call, changes: object = {}) =>
  chain.send(from, name, { ...(message as object), ...changes });
const DEPOSIT = CAIRN / 10n;

/** A settled round of three trainers, and the place and wallet of the one in question. */
async function aSettledRound(options: Parameters<typeof aRun>[0] = {}) {
  const play = await aRun({ terms: { rounds: 1 }, ...options });
  play.untilPhase('train');
  const places = new Map(play.trainers.map((person) => [play.placeOf(person), person]));
  play.play();
  const at = (place: number): Person => places.get(place)!;
  return { ...play, at, challenger: at(play.trainers.length - 1).coldkey };
}

describe('a challenged step', () => {
  it('that more than two thirds replay to another state costs the bond and all that has not vested', async () => {
    const play = await aSettledRound();
    const { chain, at, challenger, run } = play;
    const convict = at(0);
    const before = chain.spendable(challenger);
    const burned = chain.supply().burned;
    expect(sendCall(chain, play.challengeCall(challenger))).toBeNull();
    expect(sendCall(chain, play.judgeCall(0, 1, 'guilty'))).toBeNull();
    expect(sendCall(chain, play.judgeCall(1, 1, 'guilty'))).toBeNull();
    expect(play.seatOf(convict)).toMatchObject({ isConvicted: false });
    expect(sendCall(chain, play.judgeCall(2, 1, 'guilty'))).toBeNull();
    expect(sendCall(chain, play.judgeCall(2, 1, 'honest'))).toBe('CASE_JUDGED');
    while (run().cases > 0 && chain.query('training_cases', { run: play.hex }).length > 0) chain.block();
    expect(play.seatOf(convict)).toBeNull();
    expect(chain.supply().burned - burned).toBe(BOND - BOND / 2n);
    expect(chain.spendable(challenger) - before).toBeGreaterThan(BOND / 2n - CAIRN / 10n);
    const poor = chain.spendable(convict.coldkey);
    chain.advance(VEST);
    expect(chain.spendable(convict.coldkey)).toBeLessThan(poor + CAIRN);
    expect(play.explain(1).isVested).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('that is honest earns the trainer half of the deposit, burns the rest, and cannot be challenged again', async () => {
    const play = await aSettledRound();
    const { chain, at, challenger } = play;
    const before = chain.spendable(at(0).coldkey);
    const rich = chain.spendable(challenger);
    const burned = chain.supply().burned;
    sendCall(chain, play.challengeCall(challenger));
    sendCall(chain, play.judgeCall(0, 1, 'honest'));
    expect(chain.query('training_cases', { run: play.hex })).toEqual([]);
    expect(chain.spendable(at(0).coldkey) - before).toBe(DEPOSIT / 2n);
    expect(chain.supply().burned - burned).toBe(DEPOSIT - DEPOSIT / 2n);
    expect(rich - chain.spendable(challenger)).toBeGreaterThanOrEqual(DEPOSIT);
    expect(sendCall(chain, play.challengeCall(challenger))).toBe('STEP_DECIDED');
    const twice = chain.spendable(challenger);
    expect(sendCall(chain, play.challengeCall(challenger), { step: 4 })).toBeNull();
    expect(twice - chain.spendable(challenger)).toBeGreaterThanOrEqual(2n * DEPOSIT);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('costs a trainer that challenges its own honest steps, and more with each', async () => {
    const play = await aSettledRound();
    const { chain, at, challenger } = play;
    const both = () => chain.spendable(at(0).coldkey) + chain.spendable(challenger);
    const lost = [0, 1].map((step) => {
      const before = both();
      expect(sendCall(chain, play.challengeCall(challenger), { step })).toBeNull();
      expect(sendCall(chain, play.judgeCall(0, step + 1, 'honest'))).toBeNull();
      return before - both();
    });
    expect(lost[0]).toBeGreaterThanOrEqual(DEPOSIT / 2n);
    expect(lost[1]).toBeGreaterThanOrEqual(DEPOSIT);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of an update that cannot be had is not paid, and convicts nobody', async () => {
    const play = await aSettledRound();
    const { chain, at, challenger } = play;
    sendCall(chain, play.challengeCall(challenger));
    const pool = play.run().pool;
    const pay = BigInt(play.explain(1).trainers[0].pay);
    for (const judge of [0, 1, 2]) sendCall(chain, play.judgeCall(judge, 1, 'unavailable'));
    expect(chain.query('training_cases', { run: play.hex })).toEqual([]);
    expect(play.seatOf(at(0))).toMatchObject({ isConvicted: false, bond: BOND.toString() });
    expect(play.explain(1).trainers[0].pay).toBe('0');
    expect(play.run().pool - pool).toBe(pay);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('takes nothing when too few speak, and gives the deposit back', async () => {
    const play = await aSettledRound();
    const { chain, at, challenger } = play;
    const before = chain.spendable(challenger);
    sendCall(chain, play.challengeCall(challenger));
    sendCall(chain, play.judgeCall(0, 1, 'guilty'));
    chain.advance(8);
    expect(chain.query('training_cases', { run: play.hex })).toEqual([]);
    expect(before - chain.spendable(challenger)).toBeLessThan(DEPOSIT);
    expect(play.seatOf(at(0))).toMatchObject({ isConvicted: false, openCases: 0 });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is judged by validators of the round alone, once at a time', async () => {
    const play = await aSettledRound();
    const { chain, challenger, at } = play;
    expect(sendCall(chain, play.judgeCall(0, 1, 'guilty'))).toBe('CASE_UNKNOWN');
    sendCall(chain, play.challengeCall(challenger));
    expect(sendCall(chain, { ...play.judgeCall(0, 1, 'guilty'), from: at(1).hotkey })).toBe('NOT_JUDGE');
    expect(sendCall(chain, play.challengeCall(at(1).coldkey), { step: 5 })).toBe('CASE_OPEN');
    expect(sendCall(chain, play.judgeCall(0, 1, 'guilty'))).toBeNull();
    expect(sendCall(chain, play.judgeCall(0, 1, 'guilty'))).toBeNull();
    expect(sendCall(chain, play.judgeCall(1, 1, 'guilty'))).toBeNull();
    expect(chain.query('training_cases', { run: play.hex })[0]).toMatchObject({ phase: 'judging' });
  });

  it('has to exist, in a window that is open', async () => {
    const play = await aSettledRound({ trainers: 2 });
    const { chain } = play;
    const from = aKey(0);
    const challenge = play.challengeCall(from);
    expect(sendCall(chain, challenge, { run: aRoot(3) })).toBe('RUN_UNKNOWN');
    expect(sendCall(chain, challenge, { round: 2 })).toBe('WINDOW_CLOSED');
    expect(sendCall(chain, challenge, { place: 7 })).toBe('PLACE_EMPTY');
    expect(sendCall(chain, challenge, { step: 10 })).toBe('STEP_INVALID');
    chain.advance(VEST);
    expect(sendCall(chain, challenge)).toBe('WINDOW_CLOSED');
  });

  it('is none in a run whose engines may honestly differ and that states no bounds', async () => {
    const terms = { rounds: 1, engine: 'tolerant' as const, engineClass: new Uint8Array(32), drawBps: 0 };
    const play = await aSettledRound({ terms });
    expect(sendCall(play.chain, play.challengeCall(aKey(0)))).toBe('ENGINE_TOLERANT');
  });

  it('is heard in a run whose engines may differ within stated bounds, by challenge and by draw', async () => {
    const tolerant = { rounds: 1, engine: 'tolerant' as const, engineClass: aRoot(77) };
    const challenged = await aSettledRound({ terms: { ...tolerant, drawBps: 0 } });
    expect(sendCall(challenged.chain, challenged.challengeCall(challenged.challenger))).toBeNull();
    for (const judge of [0, 1, 2]) sendCall(challenged.chain, challenged.judgeCall(judge, 1, 'guilty'));
    const casesOf = ({ chain, hex }: typeof challenged) => chain.query('training_cases', { run: hex });
    expect(casesOf(challenged)).toMatchObject([{ phase: 'convicted' }]);
    const drawn = await aSettledRound({ terms: { ...tolerant, drawBps: 10_000 } });
    expect(casesOf(drawn).length).toBeGreaterThan(0);
  });
});

describe('an appeal', () => {
  async function aConviction() {
    const play = await aSettledRound();
    sendCall(play.chain, play.challengeCall(play.challenger));
    const appeal = (from: Person['coldkey']): Call => ({
      from,
      name: 'training.appeal',
      message: { run: play.id, case: 1 },
    });
    return { ...play, appeal };
  }

  it('is for who was convicted, once, in time; then validators look again', async () => {
    const play = await aConviction();
    const { chain, at, appeal } = play;
    expect(sendCall(chain, appeal(at(0).coldkey))).toBe('NOT_CONVICTED');
    for (const judge of [0, 1, 2]) sendCall(chain, play.judgeCall(judge, 1, 'guilty'));
    expect(sendCall(chain, appeal(at(1).coldkey))).toBe('NOT_SEAT_OWNER');
    expect(sendCall(chain, appeal(at(0).hotkey))).toBeNull();
    expect(sendCall(chain, appeal(at(0).coldkey))).toBe('NOT_CONVICTED');
    const before = chain.spendable(at(0).hotkey);
    sendCall(chain, play.judgeCall(0, 1, 'guilty'));
    sendCall(chain, play.judgeCall(1, 1, 'honest'));
    expect(chain.query('training_cases', { run: play.hex })).toEqual([]);
    expect(chain.spendable(at(0).hotkey) - before).toBe(DEPOSIT);
    expect(play.seatOf(at(0))).toMatchObject({ isConvicted: false, bond: BOND.toString() });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('that is lost costs its deposit as well', async () => {
    const play = await aConviction();
    const { chain, at, appeal } = play;
    for (const judge of [0, 1, 2]) sendCall(chain, play.judgeCall(judge, 1, 'guilty'));
    sendCall(chain, appeal(at(0).coldkey));
    const fund = play.run().challengeFund;
    for (const judge of [0, 1, 2]) sendCall(chain, play.judgeCall(judge, 1, 'guilty'));
    expect(play.seatOf(at(0))).toBeNull();
    expect(play.run().challengeFund).toBeGreaterThan(fund + DEPOSIT - (fund / 16n + 3n));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('that comes late is refused, and the conviction stands', async () => {
    const play = await aConviction();
    const { chain, at, appeal } = play;
    for (const judge of [0, 1, 2]) sendCall(chain, play.judgeCall(judge, 1, 'guilty'));
    chain.advance(5);
    expect(sendCall(chain, appeal(at(0).coldkey))).toBe('CASE_UNKNOWN');
    expect(play.seatOf(at(0))).toBeNull();
  });
});

describe('who has left', () => {
  it('is still convicted while the window is open, and keeps only what vested', async () => {
    const play = await aRun({ funds: REWARD });
    const { chain } = play;
    const cheat = play.trainers[0]!;
    play.play();
    chain.advance(VEST + 2);
    const vested = chain.spendable(cheat.coldkey);
    chain.send(play.owner.coldkey, 'training.fund', { run: play.id, amount: REWARD });
    play.untilPhase('train');
    const place = play.placeOf(cheat);
    play.play();
    const leave = { run: play.id, device: cheat.hotkey.account };
    expect(chain.send(cheat.coldkey, 'training.leave', leave)).toBeNull();
    // Coming back gives another seat; the old one stays liable.
    const join = play.joinCall(cheat);
    expect(sendCall(chain, join)).toBeNull();
    const challenger = play.trainers[1]!.coldkey;
    expect(sendCall(chain, play.challengeCall(challenger, { round: 2, place }))).toBeNull();
    for (const judge of [0, 1, 2]) sendCall(chain, play.judgeCall(judge, 1, 'guilty'));
    chain.advance(VEST + 5);
    const old = play.explain(2).trainers[place];
    expect(BigInt(old.pay)).toBeGreaterThan(0n);
    // Neither the pay of round 2 nor the first bond came back; that of the new seat is still put up.
    expect(chain.spendable(cheat.coldkey)).toBeLessThan(vested);
    expect(vested - chain.spendable(cheat.coldkey)).toBeGreaterThanOrEqual(BOND);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('has the bond back only when the window of its last round is closed', async () => {
    const play = await aSettledRound();
    const { chain, at } = play;
    const { hotkey, coldkey } = at(0);
    const { number } = play.seatOf(at(0));
    chain.send(coldkey, 'training.leave', { run: play.id, device: hotkey.account });
    chain.advance(VEST - 4);
    expect(play.seatByNumber(number)).toMatchObject({ bond: BOND });
    const before = chain.spendable(coldkey);
    chain.advance(6);
    expect(play.seatByNumber(number)).toBeUndefined();
    expect(chain.spendable(coldkey) - before).toBeGreaterThan(BOND + (REWARD * 26n) / 100n);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('drawn steps', () => {
  it('are judged without a challenger, and the pay of a case that is open waits for it', async () => {
    const play = await aRun({ terms: { rounds: 1, drawBps: 10_000, caseSlots: VEST + 10 } });
    const { chain } = play;
    play.play();
    const cases = chain.query('training_cases', { run: play.hex });
    expect(cases).toHaveLength(3);
    for (const { challenger, step } of cases) {
      expect(challenger).toBeNull();
      expect(step).toBeLessThan(10);
    }
    const [waits, acquitted] = cases;
    sendCall(chain, play.judgeCall(0, acquitted.number, 'honest'));
    chain.advance(VEST + 2);
    const held = chain
      .query('training_cases', { run: play.hex })
      .find(({ number }: { number: number }) => number === waits.number);
    expect(BigInt(held.heldPay)).toBeGreaterThan((REWARD * 26n) / 100n);
    const wallet = play.seatByNumber(waits.seat)!.wallet;
    const owner = play.trainers.find(({ coldkey }) =>
      coldkey.account.every((byte, at) => byte === wallet[at]),
    )!;
    const before = chain.spendable(owner.coldkey);
    sendCall(chain, play.judgeCall(1, waits.number, 'honest'));
    expect(chain.spendable(owner.coldkey) - before).toBe(BigInt(held.heldPay));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pay those who judged from the challenge fund', async () => {
    const play = await aRun({ terms: { rounds: 1, drawBps: 10_000 } });
    const { chain } = play;
    play.play();
    const fund = play.run().challengeFund;
    const judge = play.validators[0]!;
    const before = chain.spendable(judge.coldkey);
    const [first] = chain.query('training_cases', { run: play.hex });
    sendCall(chain, play.judgeCall(0, first.number, 'honest'));
    expect(chain.spendable(judge.coldkey) - before).toBe(fund / 16n);
    expect(play.run().challengeFund).toBe(fund - fund / 16n);
  });
});
