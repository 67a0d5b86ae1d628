/**
 * An agent with a budget: it searches for models, tries those it finds with a question whose answer it knows, buys
 * what it was asked for from the cheapest that was right, checks each answer, and stops when its money is used up.
 *
 *     node --conditions=source examples/agent/agent.ts http://localhost:8470 0.01
 *
 * With a data set and the data folder of a node it buys the first chunk of it from the same budget, and fulfils the
 * wishes it finds there, a JSON object on each line:
 *
 *     node --conditions=source examples/agent/agent.ts http://localhost:8470 0.1 lab/wishes ~/.cairn
 *
 * What it spends is limited three times: by this budget, by the gateway, and by the caps of the sub-key that the
 * gateway spends as, which the ledger keeps.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAmount, parseAmount } from '@cairn/core';
import { buyChunk } from './buy-chunk.ts';
import { findMistake, type Wish } from './check-schedule.ts';
import { connectTools } from './tools.ts';

const TRIAL: Wish = {
  phrase: 'every day at noon',
  runs: ['2026-03-02T12:00', '2026-03-07T12:00'],
  rests: ['2026-03-02T00:00', '2026-03-02T12:01'],
};
const WISHES: readonly Wish[] = [
  {
    phrase: 'every weekday at 9:30 am',
    runs: ['2026-03-02T09:30', '2026-03-06T09:30'],
    rests: ['2026-03-01T09:30', '2026-03-02T21:30'],
  },
  {
    phrase: 'every 15 minutes',
    runs: ['2026-03-02T00:15', '2026-03-07T13:45'],
    rests: ['2026-03-02T00:20'],
  },
];

/** Refusals that more asking does not change. */
const NO_MONEY: readonly string[] = ['budget_exceeded', 'insufficient_funds', 'wallet_not_allowed'];

interface Found {
  readonly model: string;
  readonly price: { readonly outputPerMillion: string };
}

class OutOfMoney extends Error {}

const [gateway = 'http://localhost:8470', budgetText = '0.01', dataset, data] = process.argv.slice(2);
const budget = parseAmount(budgetText);
const call = connectTools(gateway.replace(/\/$/, ''));
let spent = 0n;

const tell = (step: string, what: object) => console.log(JSON.stringify({ step, ...what }));

/** Buys one answer with what is left of the budget. Null when the model has none. */
async function buy(model: string, { phrase }: Wish): Promise<string | null> {
  const left = budget - spent;
  const told = await call('ask', {
    model,
    prompt: phrase,
    max_tokens: 32,
    max_cost: formatAmount(left > 0n ? left : 0n),
  });
  if (told.ok) {
    const { answer, cost } = told.value as { answer: string; cost: string };
    spent += parseAmount(cost);
    return answer;
  }
  if (NO_MONEY.includes(told.code)) throw new OutOfMoney(told.message);
  tell('refused', { model, code: told.code });
  return null;
}

/** Wishes of the first chunk of a data set, bought with what is left of the budget; the chunk may end in a line. */
async function buyWishes(name: string, folder: string): Promise<readonly Wish[]> {
  const out = join(await mkdtemp(join(tmpdir(), 'cairn-agent-')), 'chunk');
  const bought = await buyChunk(folder, name, { index: 0, out, most: budget - spent });
  if (!bought.ok) throw new OutOfMoney(bought.reason);
  spent += bought.cost;
  const lines = new TextDecoder().decode(bought.bytes).split('\n').slice(0, -1);
  tell('bought data', { dataset: name, cost: formatAmount(bought.cost), wishes: lines.length });
  return lines.map((line) => JSON.parse(line) as Wish);
}

/** Models that fit, the cheapest first, without those that get a known question wrong. */
async function chooseModels(): Promise<string[]> {
  const told = await call('search_models', { query: 'crontab', task: 'text' });
  if (!told.ok) throw new Error(told.message);
  const { models } = told.value as { models: Found[] };
  tell('found', { models: models.map(({ model, price }) => ({ model, price: price.outputPerMillion })) });
  const cheapest = models.toSorted((one, other) => {
    const difference = parseAmount(one.price.outputPerMillion) - parseAmount(other.price.outputPerMillion);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  });
  const right: string[] = [];
  for (const { model } of cheapest) {
    const answer = await buy(model, TRIAL);
    const mistake = answer === null ? 'it did not answer' : findMistake(answer, TRIAL);
    tell('tried', { model, answer, mistake });
    if (mistake === null) right.push(model);
  }
  return right;
}

/** Asks one model after the other until an answer holds. */
async function fulfil(models: readonly string[], wish: Wish): Promise<void> {
  for (const model of models) {
    const answer = await buy(model, wish);
    const mistake = answer === null ? 'it did not answer' : findMistake(answer, wish);
    tell('bought', { phrase: wish.phrase, model, answer, mistake });
    if (mistake === null) return;
  }
  tell('gave up', { phrase: wish.phrase });
}

try {
  const models = await chooseModels();
  const wishes = dataset === undefined || data === undefined ? WISHES : await buyWishes(dataset, data);
  for (const wish of wishes) await fulfil(models, wish);
  tell('done', { spent: formatAmount(spent), budget: formatAmount(budget) });
} catch (error) {
  if (!(error instanceof OutOfMoney)) throw error;
  tell('out of money', {
    spent: formatAmount(spent),
    budget: formatAmount(budget),
    reason: error.message,
  });
}
