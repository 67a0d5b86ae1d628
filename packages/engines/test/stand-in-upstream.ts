import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Ways in which the stand-in misbehaves. */
export type UpstreamFault =
  | 'cut'
  | 'endWithoutDone'
  | 'doneWithoutReason'
  | 'errorEvent'
  | 'status500'
  | 'silence'
  | 'noUsage'
  | 'notJson'
  | 'flood'
  | 'ignoresStop';

export interface StandInOptions {
  /** Speaks Ollama's list of models instead of OpenAI's. */
  ollama?: boolean;
  /** Owner told in the list of models. */
  ownedBy?: string;
  /** Names token ids in log probabilities, as llama-server does. */
  tokenIds?: boolean;
  /** Refuses requests for log probabilities. */
  refusesLogprobs?: boolean;
  /** Embeds, ranks, moderates, draws, speaks and listens. */
  tasks?: boolean;
  /** Only does tasks. */
  mute?: boolean;
  /** Calls the first tool with these pieces of arguments. */
  calls?: readonly string[];
  /** Shown by requests whose text holds the word `faulty`. */
  fault?: UpstreamFault;
}

export interface StandIn extends AsyncDisposable {
  readonly baseUrl: string;
  readonly bodies: Record<string, unknown>[];
}

/** A local server that speaks OpenAI's protocol and repeats the last message word by word. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    void route(options, bodies, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function route(
  options: StandInOptions,
  bodies: Record<string, unknown>[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const json = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/api/tags' && options.ollama === true)
    return json(200, { models: [{ name: 'echo:latest' }] });
  if (request.url === '/v1/models' && options.ollama !== true) {
    return json(200, {
      object: 'list',
      data: [{ id: 'echo', owned_by: options.ownedBy ?? 'test', max_model_len: 2048 }],
    });
  }
  if (request.method !== 'POST') return json(404, { error: { message: 'no such page' } });
  let text = '';
  for await (const part of request) text += part;
  const isText = /^\/v1\/(chat\/)?completions$/.test(request.url ?? '');
  if (!isText && options.tasks !== true) return json(404, { error: { message: 'no such page' } });
  if (request.url?.startsWith('/v1/audio/t') === true) {
    bodies.push({ form: text.length, type: request.headers['content-type'] });
    return json(200, { text: 'what was said', language: 'en', duration: 1 });
  }
  if (isText && options.mute === true) return json(400, { error: { message: 'no chat here' } });
  const body = JSON.parse(text) as Record<string, unknown>;
  bodies.push(body);
  if (options.refusesLogprobs === true && body.logprobs !== undefined) {
    return json(400, { error: { message: 'logprobs are not supported' } });
  }
  if (!isText) return answerTask(request.url ?? '', body, json, response);
  const said = questionOf(body);
  const fault = said.includes('faulty') ? options.fault : undefined;
  if (fault === 'status500') return json(500, { error: { message: 'the model\nfell over' } });
  if (fault === 'silence') return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (data: string) => response.write(`data: ${data}\r\n\r\n`);
  if (fault === 'notJson') return void response.end('data: <html>\n\n');
  const maxTokens = body.max_tokens as number;
  const stops = fault === 'ignoresStop' ? [] : ((body.stop as string[] | undefined) ?? []);
  const whole = cutAtStop(said, stops);
  const words = whole.match(/\s*\S+|\s+$/gu) ?? [];
  const isChat = request.url === '/v1/chat/completions';
  const shown = words.slice(0, maxTokens);
  const [tool] = (body.tools ?? []) as { function: { name: string } }[];
  if (tool !== undefined && options.calls !== undefined) {
    const say = (call: object) => send(JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] }));
    say({ index: 0, id: 'c', type: 'function', function: { name: tool.function.name, arguments: '' } });
    for (const piece of options.calls) say({ index: 0, function: { arguments: piece } });
    send(JSON.stringify({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] }));
    send(JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } }));
    send('[DONE]');
    return void response.end();
  }
  for (const [index, word] of shown.entries()) {
    if (fault === 'cut' && index === 2) return void setImmediate(() => response.destroy());
    if (fault === 'errorEvent' && index === 2) {
      return void response.end('data: {"error":{"message":"out of memory"}}\n\n');
    }
    const logprobs = body.logprobs === true ? { logprobs: aLogprob(options, word, index) } : {};
    const content = isChat ? { delta: { content: word } } : { text: word };
    send(JSON.stringify({ choices: [{ index: 0, ...content, ...logprobs, finish_reason: null }] }));
  }
  while (fault === 'flood' && !response.destroyed) {
    send(JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(65536) } }] }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const reason = shown.length < words.length ? 'length' : 'stop';
  if (fault !== 'doneWithoutReason')
    send(JSON.stringify({ choices: [{ delta: {}, finish_reason: reason }] }));
  if (fault !== 'noUsage') {
    send(
      JSON.stringify({
        choices: [],
        usage: { prompt_tokens: words.length + 3, completion_tokens: shown.length },
      }),
    );
  }
  if (fault !== 'endWithoutDone') send('[DONE]');
  response.end();
}

function answerTask(
  path: string,
  body: Record<string, unknown>,
  json: (status: number, body: unknown) => void,
  response: ServerResponse,
): void {
  const input = (body.input ?? body.documents ?? []) as string[];
  const vectors = () => input.map((text, index) => ({ index, embedding: [text.length, 0.5] }));
  if (path === '/v1/audio/speech') response.writeHead(200).end(Buffer.from('sound'));
  else if (path === '/v1/embeddings') json(200, { data: vectors().reverse() });
  else if (path === '/v1/rerank') {
    json(200, { results: input.map((text, index) => ({ index, relevance_score: text.length })) });
  } else if (path === '/v1/moderations') {
    json(200, { results: input.map((text) => ({ flagged: text === 'harm' })) });
  } else if (path === '/v1/images/generations') {
    json(200, { data: Array.from({ length: body.n as number }, () => ({ b64_json: 'AAAA' })) });
  } else json(404, { error: { message: 'no such page' } });
}

function questionOf(body: Record<string, unknown>): string {
  const messages = body.messages as { content: string }[] | undefined;
  return messages?.at(-1)?.content ?? (body.prompt as string);
}

function cutAtStop(text: string, stops: readonly string[]): string {
  const cuts = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  return cuts.length === 0 ? text : text.slice(0, Math.min(...cuts));
}

function aLogprob(options: StandInOptions, token: string, index: number): object {
  const entry = { ...(options.tokenIds === true ? { id: index } : {}), token, logprob: -0.5 };
  return { content: [{ ...entry, top_logprobs: [entry] }] };
}
