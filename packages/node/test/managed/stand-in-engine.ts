/**
 * A program that speaks the HTTP of an engine and its command line: `ENGINE …arguments`. What it does wrong is told
 * by files beside it: `refuse` ends it at once; `deaf` makes it answer nothing about its health. It writes its process
 * id and arguments to `started.log`, and its environment to `environment.json`.
 */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [folder = '', engine = '', ...args] = process.argv.slice(2);
const says: Readonly<Record<string, string>> = {
  ollama: 'ollama version is 0.6.2',
  'llama-server': 'version: 5432 (abcdef0)\nbuilt with cc',
  vllm: '0.8.3',
};
const has = (name: string) => existsSync(`${folder}/${name}`);

if (args[0] === '--version') {
  const line = has('old') ? 'version: 0.0.1' : says[engine];
  (engine === 'llama-server' ? process.stderr : process.stdout).write(`${line}\n`);
} else if (has('refuse')) {
  process.stderr.write('error: \u001b[31mout of memory\n');
  process.exitCode = 3;
} else serve();

function serve(): void {
  appendFileSync(`${folder}/started.log`, `${process.pid} ${args.join(' ')}\n`);
  writeFileSync(`${folder}/environment.json`, JSON.stringify(process.env));
  const after = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
  const port = engine === 'ollama' ? process.env.OLLAMA_HOST?.split(':')[1] : after('--port');
  const model = engine === 'ollama' ? 'echo' : after(engine === 'vllm' ? '--served-model-name' : '--alias');
  const owner = engine === 'vllm' ? 'vllm' : 'llamacpp';
  createServer((request, response) => {
    const json = (value: object) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/health' || request.url === '/api/version') {
      if (!has('deaf')) json({ status: 'ok' });
      return;
    }
    if (request.url === '/api/tags') return json({ models: [{ name: `${model}:latest` }] });
    if (request.url === '/v1/models')
      return json({ data: [{ id: model, owned_by: owner, max_model_len: 2048 }] });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
    send({ choices: [{ index: 0, delta: { content: 'Hello.' }, finish_reason: null }] });
    send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    send({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } });
    response.end('data: [DONE]\n\n');
  }).listen(Number(port), '127.0.0.1');
}
