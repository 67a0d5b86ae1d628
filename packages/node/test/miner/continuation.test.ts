import { describe, expect, it } from 'vitest';
import { words } from './asking.ts';
import { aBreakingTown, killProviders } from './breaking-town.ts';
import { readEvents } from './http-town.ts';

const question = words(40);

describe('an answer that breaks in its middle', () => {
  it('goes on at another provider, and both are paid for their own tokens', async () => {
    await using town = await aBreakingTown();
    town.cut(21);
    const { text, headers, isComplete } = await town.chat(question, {
      stream: true,
      stream_options: { include_usage: true },
    });
    const { chunks, comments, isDone } = readEvents(text);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(question);
    expect([isDone, isComplete]).toEqual([true, true]);
    const note = JSON.parse(comments[0]!.slice(8));
    expect(note.receipts).toHaveLength(2);
    expect(note.continuation).toBe('exact');
    const [first, second] = note.receipts;
    expect(first).toMatchObject({ provider: headers['x-cairn-provider'], receipt: null });
    expect(second.provider).not.toBe(first.provider);
    expect(second.receipt).toBe(note.receipt);
    expect(first.completion_tokens + second.completion_tokens).toBe(40);
    expect(chunks.at(-1).usage.completion_tokens).toBe(40);
    const receipt = JSON.parse((await town.get(`/v1/receipts/${second.receipt}`)).text);
    expect(receipt.receipt.completionTokens).toBe(second.completion_tokens);
    // Prompt, and what the first had sent.
    expect(receipt.receipt.promptTokens).toBe(40 + first.completion_tokens);
    await town.expectBooksAgree('once');
  });

  it('is sealed to both who give it, and says so', async () => {
    await using town = await aBreakingTown({ sealing: 'x-wing', sealMode: 'required' });
    town.cut(21);
    const { text, headers } = await town.chat(question, { stream: true });
    const { chunks, comments, isDone } = readEvents(text);
    expect([chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), isDone]).toEqual([
      question,
      true,
    ]);
    const note = JSON.parse(comments[0]!.slice(8));
    expect(note.receipts).toHaveLength(2);
    expect(note.receipts[0].provider).toBe(headers['x-cairn-provider']);
    expect(note.privacy).toMatchObject({ level: 'L1', sealed: 'x-wing' });
    await town.expectBooksAgree('sealed');
  });

  it('is broken a hundred times: no answer is cut short and nothing is charged twice', async () => {
    const seen = await killProviders(100, 7);
    expect(seen.truncated).toBe(0);
    expect(seen.continued).toBeGreaterThan(70);
    expect(seen.cuts).toBeGreaterThan(100);
  });
});
