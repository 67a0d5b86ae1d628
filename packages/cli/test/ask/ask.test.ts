import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from '../fake-node.ts';
import { run } from '../run.ts';

const NOTE = {
  receipt: 'ab'.repeat(32),
  provider: 'cairn1miner',
  cost: '0.00116',
  privacy: { level: 'L1', name: "sealed to the provider's host", readers: 'This gateway and that host.' },
};
const USAGE = { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17 };
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const CLEAN = `${delta('30 9 ')}${delta('* * 1-5')}data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\n: cairn ${JSON.stringify(NOTE)}\n\ndata: [DONE]\n\n`;

/** A gateway that answers every question with these bytes, and the node it belongs to. */
async function startGateway(stream: string, status = 200) {
  const asked: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/models') {
      response.end(JSON.stringify({ data: [{ id: 'cairn/crontab' }] }));
      return;
    }
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    asked.push(JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>);
    response.writeHead(status);
    response.end(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const roles = [{ name: 'miner-1', kind: 'miner', address: 'cairn1miner', note: '' }];
  const node = await startFakeNode({ node_status: () => ({ url, roles }) });
  return {
    asked,
    data: node.data,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await node[Symbol.asyncDispose]();
    },
  };
}

describe('cairn ask', () => {
  it('streams the answer, then says who gave it for how much', async () => {
    await using gateway = await startGateway(CLEAN);
    const { exitCode, out, err } = await run(['ask', 'every weekday at 9:30 am', '--data', gateway.data]);
    expect(exitCode).toBe(0);
    expect(out).toBe('30 9 * * 1-5\n');
    expect(err).toBe(
      `answered by miner-1 (cairn1miner)  cost 0.00116 CAIRN  receipt ${NOTE.receipt}\nprivacy L1, sealed to the provider's host; can be read by: This gateway and that host.\n`,
    );
    expect(gateway.asked).toEqual([
      {
        model: 'cairn/crontab',
        messages: [{ role: 'user', content: 'every weekday at 9:30 am' }],
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);
  });

  it('prints one object with --json', async () => {
    await using gateway = await startGateway(CLEAN);
    const words = [
      'ask',
      'hi',
      '--model',
      'a/b',
      '--max-tokens',
      '5',
      '--temperature',
      '0',
      '--json',
      '--data',
      gateway.data,
    ];
    expect((await run(words)).json()).toEqual({
      model: 'a/b',
      answer: '30 9 * * 1-5',
      usage: USAGE,
      ...NOTE,
    });
    expect(gateway.asked[0]).toMatchObject({ model: 'a/b', max_tokens: 5, temperature: 0 });
  });

  it('fails when the answer breaks off, whether or not the gateway says so', async () => {
    const broken = `${delta('30')}data: ${JSON.stringify({ error: { message: 'The provider was lost.', code: 'provider_failed' } })}\n\n`;
    for (const [stream, code] of [
      [broken, 'ANSWER_FAILED'],
      [delta('30'), 'ANSWER_CUT'],
      ['data: {"choices":[{\n\n', 'ANSWER_CUT'],
    ] as const) {
      await using gateway = await startGateway(stream);
      const result = await run(['ask', 'hi', '--json', '--data', gateway.data]);
      expect(result.exitCode, stream).toBe(1);
      expect(result.json(), stream).toMatchObject({ error: { code } });
    }
  });

  it('hands on what the gateway refuses', async () => {
    const body = JSON.stringify({ error: { message: 'There is no model nope.', code: 'model_not_found' } });
    await using gateway = await startGateway(body, 404);
    const result = await run(['ask', 'hi', '--model', 'nope', '--data', gateway.data]);
    expect(result).toMatchObject({ exitCode: 1, out: '', err: 'cairn: There is no model nope.\n' });
  });

  it('lets no answer drive the terminal', async () => {
    await using gateway = await startGateway(`${delta('line\n\x1b[2Jgone\x07')}data: [DONE]\n\n`);
    const { out } = await run(['ask', 'hi', '--data', gateway.data]);
    expect(out).toBe('line\n\\u{1b}[2Jgone\\u{7}\n');
  });
});
