/** The entry of a process: an OpenAI server that answers at once. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BENCH_CHUNKS, BENCH_MODEL, benchWord, STREAMED, WHOLE_TEXT, WHOLE_TOKENS } from './answers.ts';
import { answerBench } from './child.ts';

const head = { id: 'chatcmpl-bench', created: 1, model: BENCH_MODEL };
const usage = { prompt_tokens: 24, completion_tokens: WHOLE_TOKENS, total_tokens: 24 + WHOLE_TOKENS };
const whole = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: WHOLE_TEXT }, finish_reason: 'stop' }],
  usage,
});
const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const chunks = Array.from({ length: BENCH_CHUNKS }, (_, index) => chunk({ content: benchWord(index) }, null));
const last = `${chunk({}, 'stop')}data: [DONE]\n\n`;

function stream(response: ServerResponse, at: number): void {
  if (at === chunks.length) return void response.end(last);
  response.write(chunks[at]);
  setImmediate(stream, response, at + 1);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    if (!body.includes(STREAMED)) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
      return void response.end(whole);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    stream(response, 0);
  });
});
server.listen(0, '127.0.0.1', () => answerBench((server.address() as AddressInfo).port));
