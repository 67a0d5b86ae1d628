import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { PaidRoundView } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { type Judgement, openJudgements } from '../../../src/training/judge/judgement.ts';
import { refusalsMethod } from '../../../src/training/judge/refusals-method.ts';
import { aRecordStore } from '../../data/parts.ts';
import { accountOf, aSigner } from '../../rpc/parts.ts';

const RUN = '5a'.repeat(32);
const VALIDATORS = ['first', 'second'].map((name) => accountOf(aSigner(name)));

/** A node with two validators that judged two rounds of a run and one of another, and asks which are settled. */
async function aNode(isSettled: (round: number) => boolean) {
  const records = aRecordStore();
  const judge = (at: number, run: string, round: number, refused?: Judgement['refused']) =>
    openJudgements(records, run, bytesToHex(VALIDATORS[at]!)).keep({
      ...{ round, base: '00'.repeat(32), scores: [], salt: '11'.repeat(32), sound: [], records: [] },
      ...(refused === undefined ? {} : { refused }),
    });
  await judge(0, RUN, 1, [[1, 'copy']]);
  await judge(1, RUN, 1, [[1, 'harmful']]);
  await judge(1, 'c3'.repeat(32), 1, [[0, 'noise']]);
  await judge(0, RUN, 2);
  await judge(1, RUN, 2, [[0, 'useless']]);
  const method = refusalsMethod({
    records,
    ledger: {
      paidRound: async (run, round) =>
        bytesToHex(run) === RUN && isSettled(round) ? ({} as PaidRoundView) : null,
    },
  });
  return { judge, ask: (round: number) => method.run({ run: RUN, round }) };
}

const [FIRST, SECOND] = VALIDATORS.map((account) => accountIdToAddress(account));

it('says of a settled round what each validator of the node refused, and why', async () => {
  const { ask } = await aNode(() => true);
  const answer = (await ask(1)) as { validator: string }[];
  expect(answer).toHaveLength(2);
  expect(answer).toContainEqual({ validator: FIRST, place: 1, reason: 'copy' });
  expect(answer).toContainEqual({ validator: SECOND, place: 1, reason: 'harmful' });
  expect(await ask(2), 'one record is of an older program').toEqual([
    { validator: SECOND, place: 0, reason: 'useless' },
  ]);
  expect(await ask(3)).toEqual([]);
});

it('says nothing of a round that others still judge', async () => {
  const { ask } = await aNode((round) => round < 2);
  expect(await ask(2)).toEqual([]);
  expect(await ask(1)).toHaveLength(2);
});

it('knows the latest sixteen rounds', async () => {
  const { ask, judge } = await aNode(() => true);
  for (let round = 3; round <= 17; round += 1) await judge(1, RUN, round, [[0, 'noise']]);
  expect(await ask(1), 'of the first validator alone').toEqual([
    { validator: FIRST, place: 1, reason: 'copy' },
  ]);
  expect(await ask(2)).toHaveLength(1);
});
