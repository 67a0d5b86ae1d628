import { bytesToHex } from '@cairn/core';
import { type Fields, invalid, isObject, missing } from '../api/fields.ts';
import type { Endpoint, EndpointContext, Exchange } from '../endpoints/endpoint.ts';
import { GatewayError } from '../errors.ts';
import { errorToApi, isUnexpected } from '../http/api-error.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { replyJson } from '../http/reply.ts';
import { worksOf } from '../route/works.ts';
import { agentCard } from './a2a-card.ts';
import { askModel, describeAnswer } from './ask.ts';
import { onceFor } from './once.ts';

/** The method and the form of a message in each version of the protocol. */
const SEND = { SendMessage: '1.0', 'message/send': '0.3' } as const;
type Version = (typeof SEND)[keyof typeof SEND];

const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const FAILED = -32_000;
const MOST_PARTS = 64;

/** What is asked: the texts of a message, for the model its metadata names. */
interface Said {
  readonly messageId: string;
  readonly contextId: string | null;
  readonly text: string;
  readonly model: string | null;
  readonly maxTokens: unknown;
}

function readMessage(params: unknown): Said {
  if (!isObject(params) || !isObject(params.message)) throw missing('message');
  const { message } = params;
  const { messageId, contextId, parts } = message;
  if (typeof messageId !== 'string' || messageId === '' || messageId.length > 128)
    throw invalid('messageId', 'a text of 1 to 128 characters');
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > MOST_PARTS)
    throw invalid('parts', `a list of 1 to ${MOST_PARTS} parts`);
  const texts = parts.map((part: unknown) => {
    if (!isObject(part) || typeof part.text !== 'string') throw invalid('parts', 'parts of text');
    return part.text;
  });
  const notes: Fields = {
    ...(isObject(params.metadata) ? params.metadata : {}),
    ...(isObject(message.metadata) ? message.metadata : {}),
  };
  const { model = null, maxTokens } = notes;
  if (model !== null && typeof model !== 'string') throw invalid('metadata.model', 'the name of a model');
  return {
    messageId,
    contextId: typeof contextId === 'string' && contextId !== '' ? contextId.slice(0, 128) : null,
    text: texts.join('\n'),
    model,
    maxTokens,
  };
}

async function send(context: EndpointContext, { caller, requestId }: Exchange, params: unknown) {
  const said = readMessage(params);
  const model = said.model ?? (await firstModel(context));
  const fields = {
    model,
    messages: [{ role: 'user', content: said.text }],
    ...(said.maxTokens === undefined ? {} : { max_tokens: said.maxTokens }),
  };
  // A message that is sent again is the same message: it is paid once, and finished when its client leaves.
  const paid = { caller, key: said.messageId, path: '/a2a', body: JSON.stringify(fields) };
  const asker = { caller, requestId, endpoint: 'a2a', signal: new AbortController().signal };
  const told = await onceFor(context, paid, async (onSpent) => ({
    told: describeAnswer(await askModel(context, fields, { ...asker, onSpent })),
    isSpent: true,
  }));
  return { said, told: told as ReturnType<typeof describeAnswer> };
}

async function firstModel(context: EndpointContext): Promise<string> {
  const first = (await context.listed()).find((listed) => worksOf(listed).includes('text'));
  if (first !== undefined) return first.name;
  throw new GatewayError({ code: 'model_kind_not_served', model: null }, 'No model for text is served now.');
}

function toMessage(
  { random }: EndpointContext,
  version: Version,
  { said, told }: Awaited<ReturnType<typeof send>>,
): object {
  const { answer, ...note } = told;
  const messageId = bytesToHex(random.bytes(16));
  const contextId = said.contextId ?? bytesToHex(random.bytes(16));
  const common = { messageId, contextId, metadata: { cairn: note } };
  return version === '1.0'
    ? { message: { ...common, role: 'ROLE_AGENT', parts: [{ text: answer, mediaType: 'text/plain' }] } }
    : { ...common, kind: 'message', role: 'agent', parts: [{ kind: 'text', text: answer }] };
}

async function serveRpc(context: EndpointContext, exchange: Exchange): Promise<void> {
  const { request, response, headers } = exchange;
  const asked = parseJsonObject(await readBody(request, context.mostBodyBytes));
  const { jsonrpc, method, params } = asked;
  const id = typeof asked.id === 'string' || typeof asked.id === 'number' ? asked.id : null;
  const reply = (told: object) =>
    replyJson(response, 200, JSON.stringify({ jsonrpc: '2.0', id, ...told }), headers);
  const refuse = (code: number, message: string, data?: object) =>
    reply({ error: { code, message, ...(data === undefined ? {} : { data }) } });
  if (jsonrpc !== '2.0' || typeof method !== 'string') {
    refuse(INVALID_REQUEST, 'This is no request of JSON-RPC 2.0.');
    return;
  }
  const version = Object.entries(SEND).find(([name]) => name === method)?.[1];
  if (version === undefined) {
    refuse(
      METHOD_NOT_FOUND,
      `There is no method ${method.slice(0, 60)} here: ${Object.keys(SEND).join(' and ')} are answered at once.`,
    );
    return;
  }
  try {
    reply({ result: toMessage(context, version, await send(context, exchange, params)) });
  } catch (error) {
    if (isUnexpected(error)) context.log.error('an A2A message failed', { reason: String(error) });
    const { error: told } = errorToApi(error).body;
    const isInvalid = told.code === 'invalid_value' || told.code === 'missing_required_parameter';
    refuse(isInvalid ? INVALID_PARAMS : FAILED, told.message, [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: told.code, domain: 'cairn' },
    ]);
  }
}

/** The Agent2Agent protocol: a card, and messages that ask a model. */
export const a2aEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/.well-known/agent-card.json',
    async serve({ listed }, { request, response, headers }) {
      const card = agentCard(request.headers.host ?? 'localhost', await listed());
      replyJson(response, 200, JSON.stringify(card), headers);
    },
  },
  { method: 'POST', path: '/a2a', serve: serveRpc },
];
