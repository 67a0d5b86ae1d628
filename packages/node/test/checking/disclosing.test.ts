import { accountIdToAddress } from '@cairn/core';
import { openCaseEvidence } from '@cairn/mechanisms';
import { type InferEvent, type InferRequest, infer } from '@cairn/sdk';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDisclosing } from '../../src/checking/disclosing.ts';
import { aTown, chainId, crypto, type TownOptions } from '../miner/parts.ts';
import { aLog } from '../rpc/parts.ts';

const JUDGE = accountIdToAddress(new Uint8Array(32).fill(8));

/** A payer whose answers go to one judge, which writes down what it is shown. */
async function aPayer(options: TownOptions, answer: 'passed' | 'failed' | 'notJudged' | null = 'passed') {
  const town = await aTown({
    ...options,
    terms: { capabilities: ['tokenIds', 'runs echo 1'], ...options.terms },
  });
  onTestFinished(() => town.miner.miner[Symbol.asyncDispose]());
  const shown: Uint8Array[] = [];
  const log = aLog();
  const disclosing = createDisclosing({
    // The first byte decides on cover, which echoes have no log probabilities for.
    random: { bytes: (length) => new Uint8Array(length).fill(255) },
    log,
    ledger: { query: async () => ({ validators: [{ account: JUDGE, power: '1' }] }) as never },
    ask: (request) => infer(town.inferParts(), request),
    send: async (_judge, evidence) => {
      shown.push(evidence);
      return answer;
    },
  });
  let count = 0;
  async function ask(fields: Partial<InferRequest> = {}): Promise<string> {
    count += 1;
    const events: InferEvent[] = [];
    const request: InferRequest = {
      offer: town.miner.offer,
      idempotencyKey: `ask ${count}`,
      body: {
        endpoint: 'chat',
        prompt: { kind: 'chat', messages: [{ role: 'user', content: 'one two three' }] },
        params: { maxTokens: 8, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
      },
      ...fields,
    };
    for await (const event of disclosing(request)) events.push(event);
    return events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
  }
  const told = () => log.lines.filter((line) => line.includes('was shown to the validators'));
  return { ask, shown, told };
}

describe('an answer whose payer discloses it', () => {
  it.each([
    ['in clear', {}],
    ['sealed', { sealing: 'x25519' } as const],
    ['sealed by X-Wing', { sealing: 'x-wing' } as const],
  ])('%s is shown whole, and is the one that the provider signed for', async (_how, options) => {
    const { ask, shown, told } = await aPayer(options);
    expect(await ask({ disclose: true })).toBe('one two three');
    await vi.waitFor(() => expect(told().length).toBe(1), { timeout: 20_000 });
    expect(told()[0]).toContain('"passed":1');
    const opened = openCaseEvidence(crypto, chainId, shown[0]!);
    if (!opened.ok) throw new Error(opened.reason);
    const [answer] = opened.answers;
    expect(answer?.text).toEqual('one two three');
    expect(answer?.body.prompt).toMatchObject({ messages: [{ content: 'one two three' }] });
  });

  it('is the only one that is shown', async () => {
    const { ask, shown, told } = await aPayer({ sealing: 'x25519' });
    await ask();
    await ask({ disclose: true });
    await vi.waitFor(() => expect(told().length).toBe(1), { timeout: 20_000 });
    expect(shown.length).toBe(1);
  });

  it('does not hold up its reader, and is told when no judge was reached', async () => {
    const { ask, told } = await aPayer({}, null);
    expect(await ask({ disclose: true })).toBe('one two three');
    await vi.waitFor(() => expect(told()[0]).toContain('"unreached":1'), { timeout: 20_000 });
  });

  it('with tools, a task or given tokens is not shown: nobody could check it', async () => {
    const { ask, shown } = await aPayer({ echo: { surface: true } });
    const task = { kind: 'moderate' as const, texts: ['x'] };
    await ask({
      disclose: true,
      body: {
        endpoint: 'task',
        prompt: { kind: 'text', text: '' },
        task,
        params: { maxTokens: 2, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
      },
    });
    expect(shown).toEqual([]);
  });
});
