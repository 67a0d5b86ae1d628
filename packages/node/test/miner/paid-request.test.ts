import { formatAmount } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { anHttpTown, readEvents } from './http-town.ts';

describe('a paid request over HTTP', () => {
  it('answers as JSON with the receipt, provider and cost in the headers', async () => {
    await using town = await anHttpTown();
    const { status, headers, text } = await town.chat('every weekday at 9:30 am');
    expect(status, text).toBe(200);
    const body = JSON.parse(text);
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'cairn/echo',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: { role: 'assistant', content: 'every weekday at 9:30 am' },
        },
      ],
      usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
    });
    const receipt = await town.get(`/v1/receipts/${headers['x-cairn-receipt']}`);
    expect(JSON.parse(receipt.text)).toMatchObject({
      id: headers['x-cairn-receipt'],
      cost: headers['x-cairn-cost'],
    });
    const [books] = town.payer.channels();
    expect(headers['x-cairn-cost']).toBe(formatAmount(books!.settled));
    expect(headers['x-cairn-provider']).toMatch(/^cairn1/);
    expect(headers['x-request-id']).toMatch(/^req_/);
  });

  it('streams the same with usage, the receipt in the last comment and [DONE]', async () => {
    await using town = await anHttpTown();
    const { text, headers } = await town.chat('one two three', {
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(headers['content-type']).toContain('text/event-stream');
    const { chunks, comments, isDone } = readEvents(text);
    expect(isDone).toBe(true);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('')).toBe('one two three');
    expect(chunks.at(-2).choices[0].finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    const note = JSON.parse(comments.at(-1)!.replace(': cairn ', ''));
    const receipt = await town.get(`/v1/receipts/${note.receipt}`);
    expect(JSON.parse(receipt.text).cost).toBe(note.cost);
  });
});
