import { accountIdToAddress, bytesToHex, encode } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  bitmapOf,
  checkpointShape,
  commitUpdateShape,
  createRunShape,
  hasPlace,
  joinRunShape,
  type PaidRound,
  paidRoundShape,
  placesOf,
  type RunTerms,
  revealScoresShape,
  roundShape,
  runShape,
  scoreCommitmentOf,
  seatShape,
  settleRoundShape,
  trainingCaseShape,
  updateShape,
} from '../../src/index.ts';
import { CHECKPOINT_BYTES, keptBytesOf, SEAT_BYTES, workBytesOf } from '../../src/training/sizes.ts';
import { type TestKey, testCrypto } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aPerson } from '../support/market.ts';
import { aCreateRun, aRoot, aRun, TERMS } from '../support/training.ts';

const digest = (bytes: Uint8Array): string => `${bytes.length} ${bytesToHex(testCrypto.sha256(bytes))}`;
const full32 = new Uint8Array(32).fill(255);
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const U64 = 2n ** 64n - 1n;
const KEY = 100;

describe('the shapes of training', () => {
  it('have the bytes they always had', () => {
    const run = aRoot(1);
    const found = {
      createRun: digest(encode(createRunShape, aCreateRun())),
      join: digest(encode(joinRunShape, { run, device: aRoot(2), engineClass: aRoot(3), peer: 'memory' })),
      commitUpdate: digest(
        encode(commitUpdateShape, {
          run,
          round: 7,
          payload: aRoot(4),
          sizeBytes: 18_600,
          baseRoot: aRoot(5),
          traceRoot: aRoot(6),
          residualRoot: aRoot(7),
          steps: 10,
        }),
      ),
      revealScores: digest(
        encode(revealScoresShape, { run, round: 7, scores: [1, 0, 65_535], salt: aRoot(8) }),
      ),
      settle: digest(
        encode(settleRoundShape, {
          run,
          round: 7,
          accepted: bitmapOf([0, 9, 255]),
          newRoot: aRoot(9),
          evalLoss: 1_729_300,
        }),
      ),
    };
    expect(found).toMatchInlineSnapshot(`
      {
        "commitUpdate": "170 9e21ef60a0f6f6bf9f19d58923bce2b930a095ab6f575532082b4b3eae32ff00",
        "createRun": "193 987d05201cee369b94fc0aed00ace062497cb10892f77ef9e0377184ec0a73ab",
        "join": "106 ed316131218a7fc11f6d0ff83236ac328b91c3dd2028fe81ae59292d083d07b2",
        "revealScores": "78 6189ec4eeed9dd90dc05465cecd5cf3cc62329daf5e9017fa64fdf9f650cdc42",
        "settle": "104 f173663974f10df149fcfedffb2030ea523c0153ad362ff3efb240f02318c33e",
      }
    `);
    const commitment = scoreCommitmentOf(testCrypto, {
      run,
      round: 7,
      hotkey: aRoot(2),
      scores: [1, 0, 65_535],
      salt: aRoot(8),
    });
    expect(bytesToHex(commitment)).toMatchInlineSnapshot(
      `"7f67318138041903c0160cc35d13aa198d48449c9de42ffbe382f677beb0fb8c"`,
    );
  });

  it('name places by bits, the lowest first', () => {
    const bitmap = bitmapOf([0, 9, 255]);
    expect(bytesToHex(bitmap)).toBe(`0102${'00'.repeat(29)}80`);
    expect(placesOf(bitmap)).toEqual([0, 9, 255]);
    expect([hasPlace(bitmap, 9), hasPlace(bitmap, 8)]).toEqual([true, false]);
  });
});

describe('the deposits of training', () => {
  const terms: RunTerms = { ...TERMS, maxTrainers: 200, reserves: 56 };
  const line = {
    seat: 1,
    steps: 1,
    score: 1,
    rampBps: 1,
    weight: U64,
    pay: U64,
    witnessWeight: 1,
    witnessPay: U64,
  };
  const paid: PaidRound = {
    seed: full32,
    mixedSalts: 1,
    baseRoot: full32,
    newRoot: full32,
    dataStart: U64,
    halvings: 1,
    evalLoss: 1,
    settledSlot: U64,
    vestSlot: U64,
    isVested: true,
    isVoid: false,
    reward: U64,
    committed: full32,
    available: full32,
    counted: full32,
    accepted: full32,
    lines: many(256, line),
    judges: many(32, { hotkey: full32, stake: U64, agreementBps: 1, pay: U64 }),
  };
  const update = {
    payload: full32,
    sizeBytes: 1,
    traceRoot: full32,
    residualRoot: full32,
    steps: 1,
    committedSlot: U64,
  };

  it('cover the largest records with their keys', async () => {
    const { run } = await aRun();
    const record = { ...run(), terms, name: 'x'.repeat(48), maintainers: many(8, full32) };
    const largest = { ...record, parent: { run: full32, round: 1 }, parentModel: full32 };
    const paidBytes = encode(paidRoundShape, paid).length + KEY;
    const updateBytes = encode(updateShape, update).length + 110;
    expect(keptBytesOf(terms)).toBeGreaterThanOrEqual(
      encode(runShape, largest).length + KEY + 20 * (paidBytes + 256 * updateBytes),
    );
    const round = {
      round: 1,
      seed: full32,
      mixedSalts: 1,
      scoreSeed: full32,
      startSlot: U64,
      deadlineSlot: U64,
      baseRoot: full32,
      dataStart: U64,
      halvings: 1,
      reward: U64,
      roster: many(256, 1),
      witnesses: many(32, 1),
      judges: many(32, { hotkey: full32, stake: U64 }),
      committed: full32,
      counted: full32,
      witnessed: full32,
      found: many(256, 1),
      scored: 1,
      revealed: 1,
      voted: 1,
    };
    const open =
      encode(roundShape, round).length + KEY + 32 * (580 + KEY) + 32 * (68 + KEY) + 32 * (32 + KEY);
    const membersBytes = 4 * (256 + 512 + 128) + 12 * 32 + KEY + 40;
    const openCase = {
      round: 1,
      place: 1,
      seat: 1,
      step: 1,
      challenger: full32,
      evidence: full32,
      phase: 'judging' as const,
      openedSlot: U64,
      deadlineSlot: U64,
      judges: many(32, { hotkey: full32, stake: U64 }),
      votes: many(32, { judge: 1, verdict: 'guilty' as const }),
      deposit: U64,
      appealDeposit: U64,
      appellant: full32,
      heldPay: U64,
    };
    const caseBytes = encode(trainingCaseShape, openCase).length + KEY;
    expect(workBytesOf(terms)).toBeGreaterThanOrEqual(
      open + membersBytes + 64 * (paidBytes + 256 * updateBytes) + 32 * caseBytes + 64 * (1_028 + KEY),
    );
  });

  it('of a seat and of a checkpoint too', () => {
    const seat = {
      wallet: full32,
      device: full32,
      peer: 'x'.repeat(200),
      joinedSlot: U64,
      leftSlot: U64,
      bond: U64,
      paidRounds: 1,
      missed: 1,
      lastRound: 1,
      openCases: 1,
      isConvicted: true,
      heldPay: U64,
      paid: U64,
      deposit: U64,
    };
    expect(SEAT_BYTES).toBeGreaterThanOrEqual(encode(seatShape, seat).length + KEY + 4 + 150);
    const checkpoint = {
      root: full32,
      manifest: full32,
      gguf: full32,
      evalLoss: 1,
      postedSlot: U64,
      poster: full32,
      signers: many(8, full32),
      deposit: U64,
    };
    expect(CHECKPOINT_BYTES).toBeGreaterThanOrEqual(encode(checkpointShape, checkpoint).length + KEY);
  });
});

describe('a maintainer', () => {
  it('signs what is posted and nothing else; what is signed stays', async () => {
    const [signer, other] = [aPerson(0), aPerson(1)];
    const play = await aRun({ message: { maintainers: [signer.coldkey.account, other.coldkey.account] } });
    const { chain, owner, id } = play;
    play.play();
    const post = { run: id, round: 1, root: aRoot(1), manifest: aRoot(50), gguf: aRoot(51) };
    const sign = { run: id, round: 1, manifest: aRoot(50), gguf: aRoot(51) };
    const send = (from: TestKey, name: string, message: object) =>
      chain.send(from, `training.${name}`, message);
    expect(send(play.trainers[0]!.coldkey, 'postCheckpoint', post)).toBe('NOT_MAINTAINER');
    expect(send(owner.coldkey, 'postCheckpoint', { ...post, root: aRoot(2) })).toBe('ROOT_OTHER');
    expect(send(owner.coldkey, 'postCheckpoint', { ...post, round: 9 })).toBe('ROUND_UNKNOWN');
    expect(send(signer.coldkey, 'sign', sign)).toBe('CHECKPOINT_UNKNOWN');
    expect(send(owner.coldkey, 'postCheckpoint', { ...post, gguf: aRoot(60) })).toBeNull();
    expect(send(signer.coldkey, 'sign', sign)).toBe('CHECKPOINT_OTHER');
    expect(send(signer.coldkey, 'postCheckpoint', post)).toBeNull();
    expect(send(owner.coldkey, 'sign', sign)).toBe('NOT_MAINTAINER');
    expect(send(signer.coldkey, 'sign', sign)).toBeNull();
    expect(send(signer.coldkey, 'sign', sign)).toBe('ALREADY_SIGNED');
    expect(send(other.coldkey, 'sign', sign)).toBeNull();
    expect(send(owner.coldkey, 'postCheckpoint', post)).toBe('CHECKPOINT_SIGNED');
    const [posted] = chain.query('training_checkpoints', { run: play.hex });
    expect(posted).toMatchObject({
      round: 1,
      signers: [signer, other].map(({ coldkey }) => accountIdToAddress(coldkey.account)),
    });
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
