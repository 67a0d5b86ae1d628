import type { Endpoint, EndpointContext, Exchange } from '../endpoints/endpoint.ts';
import { readBody } from '../http/read-body.ts';
import type { McpWay } from './mcp-way.ts';
import { sendWebResponse, toWebRequest } from './web-exchange.ts';

/** Made when the first agent comes: most gateways have none, and the library is large. */
const ways = new WeakMap<EndpointContext, Promise<McpWay>>();

function wayOf(context: EndpointContext): Promise<McpWay> {
  const known = ways.get(context);
  if (known !== undefined) return known;
  const made = import('./mcp-server.ts').then(({ createMcp }) => createMcp(context));
  ways.set(context, made);
  return made;
}

async function serveMcp(context: EndpointContext, exchange: Exchange): Promise<void> {
  await exchangeMcp(await wayOf(context), exchange, context.mostBodyBytes);
}

/**
 * Passes a request to the protocol, and its answer back. A client that leaves cancels it, unless it has a session, in
 * which it may come back for the answer.
 */
export async function exchangeMcp(way: McpWay, exchange: Exchange, mostBodyBytes: number): Promise<void> {
  const { request, response, caller, requestId } = exchange;
  const body = request.method === 'POST' ? await readBody(request, mostBodyBytes) : null;
  const controller = new AbortController();
  const leave = () => controller.abort();
  response.once('close', leave);
  try {
    const asked = toWebRequest(exchange, body, controller.signal);
    const { answer, over } = await way.fetch(asked, { caller, requestId, body });
    try {
      await sendWebResponse(exchange, answer);
    } finally {
      over();
    }
  } finally {
    response.off('close', leave);
  }
}

/** The Model Context Protocol over streamable HTTP. */
export const mcpEndpoints: readonly Endpoint[] = (['POST', 'GET', 'DELETE'] as const).map((method) => ({
  method,
  path: '/mcp',
  serve: serveMcp,
  errorBody: ({ body: { error } }) => ({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32_000, message: error.message, data: { code: error.code } },
  }),
}));
