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
  const body = JSON.parse(text) as Record<string, unknown>;
  bodies.push(body);
  if (options.refusesLogprobs === true && body.logprobs !== undefined) {
    return json(400, { error: { message: 'logprobs are not supported' } });
  }
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
