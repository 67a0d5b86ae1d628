import { createPureCrypto } from '@cairn/core';
import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import {
  createToolTextReader,
  decodeInferBody,
  encodeInferBody,
  hashInferParams,
  type InferBody,
  mostBodyTokens,
  ProtocolError,
  type Task,
  taskItems,
  taskPromptTokens,
  taskTextToItems,
  taskUnits,
  toolCallHead,
  withoutToolMarks,
} from '../../src/index.ts';

const params = { maxTokens: 5, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 };
const plain: InferBody = {
  artifact: new Uint8Array(32).fill(1),
  endpoint: 'chat',
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'hello' }] },
  params,
  salt: new Uint8Array(16).fill(2),
};
const format = { type: 'schema', schema: '{"type":"object"}' } as const;
const shape = {
  tools: [{ name: 'f', description: 'd', parameters: '{}' }],
  choice: 'required',
  only: 'f',
  parallel: false,
  format,
} as const;
const sound = { audio: new Uint8Array(1001), format: 'mp3', language: null, hint: null };
const tasks: readonly Task[] = [
  { kind: 'embed', texts: ['a', 'bcdef'], dimensions: null },
  { kind: 'rank', query: 'abcd', documents: ['a', 'b', 'c'] },
  { kind: 'image', text: 'x', count: 2, size: null },
  { kind: 'speech', text: 'x', voice: 'v', format: 'mp3', speed: 1 },
  { kind: 'transcribe', ...sound },
  { kind: 'translate', ...sound },
  { kind: 'moderate', texts: ['ü'] },
];
const asTask = (task: Task): InferBody => ({
  ...plain,
  endpoint: 'task',
  prompt: { kind: 'text', text: '' },
  task,
});

function isRefused(body: object): boolean {
  try {
    decodeInferBody(encode(body));
    return false;
  } catch (error) {
    if (error instanceof ProtocolError) return true;
    throw error;
  }
}

describe('a request', () => {
  it('that is plain has the bytes it had before there were tools and tasks', () => {
    const told = { ...plain, prompt: { type: 'chat', messages: [{ role: 'user', content: 'hello' }] } };
    expect(encodeInferBody(plain)).toEqual(encode(told));
    const crypto = createPureCrypto();
    const withShape = { ...plain, shape };
    expect(hashInferParams(crypto, withShape.params)).toEqual(hashInferParams(crypto, plain.params));
  });

  it('comes back whole, with tools, calls in its history, a priority, or any task', () => {
    const messages = [
      { role: 'assistant' as const, content: '', toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] },
      { role: 'tool' as const, content: 'done', toolCallId: 'c' },
    ];
    const shaped: InferBody = { ...plain, prompt: { kind: 'chat', messages }, shape, priority: 'batch' };
    for (const body of [plain, shaped, ...tasks.map(asTask)]) {
      expect(decodeInferBody(encodeInferBody(body))).toEqual(body);
    }
  });

  const wire = { ...plain, prompt: { type: 'chat', messages: [{ role: 'user', content: 'x' }] } };
  const embed = { type: 'embed', texts: ['a'], dimensions: null };
  it.each([
    ['a task on chat', { ...wire, task: embed }],
    ['no task on task', { ...wire, endpoint: 'task' }],
    ['tools on a task', { ...wire, endpoint: 'task', task: embed, shape }],
    ['a task nobody knows', { ...wire, endpoint: 'task', task: { ...embed, type: 'mine' } }],
    ['no texts', { ...wire, endpoint: 'task', task: { ...embed, texts: [] } }],
    ['2049 texts', { ...wire, endpoint: 'task', task: { ...embed, texts: Array(2049).fill('a') } }],
    ['a text that is a number', { ...wire, endpoint: 'task', task: { ...embed, texts: [1] } }],
    ['129 tools', { ...wire, shape: { ...shape, tools: Array(129).fill(shape.tools[0]) } }],
    ['a word for a flag', { ...wire, shape: { ...shape, parallel: 'true' } }],
    ['another field', { ...wire, shape: { ...shape, more: 1 } }],
    ['another priority', { ...wire, priority: 'first' }],
    [
      'a schema of a megabyte',
      { ...wire, shape: { ...shape, format: { ...format, schema: 'x'.repeat(1 << 20) } } },
    ],
  ])('with %s is refused', (_name, body) => {
    expect(isRefused(body)).toBe(true);
  });

  it('says the most it can count: tools count, and tasks have exactly what both sides compute', () => {
    expect(mostBodyTokens({ ...plain, shape })).toBeGreaterThan(mostBodyTokens(plain));
    expect(tasks.map(taskPromptTokens)).toEqual([3, 6, 1, 1, 2, 2, 1]);
    expect(tasks.map(taskItems)).toEqual([2, 3, 2, 1, 1, 1, 1]);
    expect(tasks.map(taskUnits)).toEqual([2, 3, 200, 1, 1, 1, 1]);
    for (const task of tasks) expect(mostBodyTokens(asTask(task))).toBe(taskPromptTokens(task));
  });
});

describe('calls in the text of an answer', () => {
  const text = `so ${toolCallHead('f')}{"a":1}${toolCallHead('g')}{}`;
  it.each([1, 2, 5, 100])('are read in pieces of %i characters', (size) => {
    const read = createToolTextReader();
    const found: string[] = [];
    let last = '';
    for (let at = 0; at < text.length; at += size) {
      for (const part of read(text.slice(at, at + size))) {
        const said = part.type === 'call' ? part.name : part.text;
        if (part.type === last && part.type !== 'call') found[found.length - 1] += said;
        else found.push(said);
        last = part.type;
      }
    }
    expect(found).toEqual(['so ', 'f', '{"a":1}', 'g', '{}']);
  });

  it('bound the name of a call, and plain text cannot pretend to be one', () => {
    const [call] = createToolTextReader()(toolCallHead('x'.repeat(500)));
    expect(call).toEqual({ type: 'call', name: 'x'.repeat(64) });
    expect(createToolTextReader()(withoutToolMarks(text)).every(({ type }) => type === 'text')).toBe(true);
    expect(taskTextToItems('\u001ea\u001eb')).toEqual(['a', 'b']);
  });

  it('carries a trace in one way of writing, and refuses every other', () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };
    expect(decodeInferBody(encodeInferBody({ ...plain, trace }))).toEqual({ ...plain, trace });
    const { kind, ...prompt } = plain.prompt;
    const isTraceRefused = (written: unknown) =>
      isRefused({ ...plain, prompt: { type: kind, ...prompt }, trace: written });
    const text = `00-${trace.traceId}-${trace.spanId}`;
    expect(isTraceRefused(`${text}-00`)).toBe(false);
    const wrong = [
      `${text}-02`,
      `${text}-01-x`,
      `cc${text.slice(2)}-01`,
      `00-${'0'.repeat(32)}-${trace.spanId}-01`,
      text.toUpperCase(),
      '',
      'x'.repeat(10_000),
      7,
      null,
    ];
    for (const written of wrong) expect(isTraceRefused(written), String(written).slice(0, 60)).toBe(true);
  });
});
