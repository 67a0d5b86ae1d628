import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, evaluations, type Measurement } from '../../src/index.ts';
import { aChain, aKey, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCard, aMeasurement, anArtifact, idOf, permit } from '../support/registry.ts';

const [owner, judge, stranger] = [aKey(1), aKey(2), aKey(3)];
const card = aCard(owner);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [owner, judge, stranger] });
  chain.send(owner, 'registry.publishModel', { card });
  permit(chain, judge);
});

const post = (from: TestKey, change: Partial<Measurement> = {}) =>
  chain.send(from, 'registry.postEvaluation', { measurement: aMeasurement(card, change) });
const withdraw = (from: TestKey, validator = from, task = 'crontab') =>
  chain.send(from, 'registry.withdrawEvaluation', {
    model: idOf(card),
    artifact: card.artifacts[0]!.sha256,
    task,
    validator: validator.account,
  });
interface Listed {
  readonly id: string;
  readonly validator: string;
  readonly measurement: { readonly right: number; readonly task: string };
}
const listed = (model: Uint8Array | null = null, after: string | null = null, limit = 0) =>
  chain.query('registry_evaluations', {
    model: model === null ? null : bytesToHex(model),
    after,
    limit,
  }) as Listed[];
/** The neuron is put there without its subnet. */
const brokenMoney = () =>
  brokenInvariants(chain).filter((line) => line !== 'subnet 1 counts 0 neurons, there are 1');
const records = (key: TestKey) => accounts.get(chain.view, key.account)!.records;

describe('registry.postEvaluation', () => {
  it('keeps one word of a validator about an artifact and a task', () => {
    expect(post(judge)).toBe(null);
    expect(post(judge, { right: 80 })).toBe(null);
    expect(post(judge, { task: 'translate' })).toBe(null);
    expect(
      listed(idOf(card))
        .map(({ measurement }) => [measurement.task, measurement.right])
        .sort(),
    ).toEqual([
      ['crontab', 80],
      ['translate', 90],
    ]);
    expect(listed(idOf(card))[0]!.validator).toBe(accountIdToAddress(judge.account));
    expect(listed(new Uint8Array(32))).toEqual([]);
    expect(records(judge)).toBe(2);
    expect(brokenMoney()).toEqual([]);
  });

  it.each<[string, TestKey, Partial<Measurement>, string]>([
    ['an account that is no neuron', stranger, {}, 'NOT_REGISTERED'],
    ['a subnet on which it is none', judge, { netuid: 2 }, 'NOT_REGISTERED'],
    ['a model that is not there', judge, { model: new Uint8Array(32) }, 'MODEL_UNKNOWN'],
    ['an artifact that its model does not have', judge, { artifact: new Uint8Array(32) }, 'ARTIFACT_UNKNOWN'],
    ['no trials', judge, { right: 0, trials: 0 }, 'EVALUATION_INVALID'],
    ['more right than trials', judge, { right: 101 }, 'EVALUATION_INVALID'],
    ['a task in capitals', judge, { task: 'Crontab' }, 'EVALUATION_INVALID'],
    ['no task', judge, { task: '' }, 'EVALUATION_INVALID'],
  ])('refuses %s', (_, from, change, code) => {
    expect(post(from, change)).toBe(code);
    expect(records(from)).toBe(0);
  });

  it('refuses a neuron without a permit', () => {
    permit(chain, stranger, 1, 1, false);
    expect(post(stranger)).toBe('NO_PERMIT');
  });

  it('pays for all bytes it keeps', () => {
    post(judge, { task: 't'.repeat(48) });
    const [key, value] = [...chain.store].find(([id]) => id.startsWith('registry/evaluation/'))!;
    const { recordDeposit } = evaluations.get(chain.view, key.slice('registry/evaluation/'.length))!;
    expect(recordDeposit >= BigInt(key.length + value.length) * 1_000n).toBe(true);
  });
});

describe('registry.withdrawEvaluation', () => {
  it('is for who measured it, and for anybody when the model is retired', () => {
    expect(withdraw(judge)).toBe('EVALUATION_UNKNOWN');
    post(judge);
    expect(withdraw(stranger, judge)).toBe('NOT_VALIDATOR');
    expect(withdraw(judge)).toBe(null);
    post(judge);
    chain.send(owner, 'registry.retireModel', { model: idOf(card) });
    expect(withdraw(stranger, judge)).toBe(null);
    expect(records(judge)).toBe(0);
    expect(brokenMoney()).toEqual([]);
  });
});

describe('registry_evaluations', () => {
  it('lists each once, of one model or of all, page by page', () => {
    const second = aCard(owner, { version: '2', artifacts: [anArtifact(2)] });
    chain.send(owner, 'registry.publishModel', { card: second });
    for (const task of ['a', 'b']) post(judge, { task });
    chain.send(judge, 'registry.postEvaluation', { measurement: aMeasurement(second, { task: 'c' }) });
    for (const [model, tasks] of [
      [null, 'abc'],
      [idOf(card), 'ab'],
      [idOf(second), 'c'],
    ] as const) {
      const found: Listed[] = [];
      for (let page = listed(model, null, 1); page.length > 0; page = listed(model, found.at(-1)!.id, 1))
        found.push(page[0]!);
      expect(
        found
          .map(({ measurement }) => measurement.task)
          .sort()
          .join(''),
      ).toBe(tasks);
    }
  });
});

describe('what a card claims', () => {
  const claim = (change: object) =>
    chain.send(owner, 'registry.publishModel', {
      card: aCard(owner, {
        version: '3',
        evaluations: [
          {
            artifact: new Uint8Array(32).fill(1),
            task: 'crontab',
            right: 9,
            trials: 10,
            evidence: new Uint8Array(32),
            ...change,
          },
        ],
      }),
    });

  it.each([
    ['of no artifact of its own', { artifact: new Uint8Array(32) }],
    ['more right than trials', { right: 11 }],
    ['of no trials', { right: 0, trials: 0 }],
    ['of a task in capitals', { task: 'X' }],
  ])('is refused when it is %s', (_, change) => {
    expect(claim(change)).toBe('CARD_INVALID');
  });

  it('is on the card, not among what validators measured', () => {
    expect(claim({})).toBe(null);
    expect(listed()).toEqual([]);
  });

  it.each([
    ['a task twice', { tasks: ['a', 'a'] }],
    ['a task in capitals', { tasks: ['A'] }],
    ['a language twice', { languages: ['en', 'en'] }],
    ['a language that is no tag', { languages: ['english language'] }],
  ])('may not name %s', (_, change) => {
    const named = aCard(owner, { version: '4', ...change });
    expect(chain.send(owner, 'registry.publishModel', { card: named })).toBe('CARD_INVALID');
  });

  it('may name the same word as task and as language', () => {
    const named = aCard(owner, { version: '4', tasks: ['en'], languages: ['en', 'pt-br'] });
    expect(chain.send(owner, 'registry.publishModel', { card: named })).toBe(null);
  });
});
