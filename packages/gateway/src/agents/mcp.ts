import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { Endpoint, EndpointContext, Exchange } from '../endpoints/endpoint.ts';
import { readBody } from '../http/read-body.ts';
import { sendWebResponse, toWebRequest } from './web-exchange.ts';

/** Made when the first agent comes: most gateways have none, and the library is large. */
const handlers = new WeakMap<EndpointContext, Promise<McpHttpHandler>>();

function handlerOf(context: EndpointContext): Promise<McpHttpHandler> {
  const known = handlers.get(context);
  if (known !== undefined) return known;
  const made = import('./mcp-server.ts').then(({ createMcp }) => createMcp(context));
  handlers.set(context, made);
  return made;
}

async function serveMcp(context: EndpointContext, exchange: Exchange): Promise<void> {
  await exchangeMcp(await handlerOf(context), exchange, context.mostBodyBytes);
}

/** Passes a request to a handler of the protocol, and its answer back. A client that leaves cancels it. */
export async function exchangeMcp(
  handler: McpHttpHandler,
  exchange: Exchange,
  mostBodyBytes: number,
): Promise<void> {
  const { request, response, caller, requestId } = exchange;
  const body = request.method === 'POST' ? await readBody(request, mostBodyBytes) : null;
  const controller = new AbortController();
  const leave = () => controller.abort();
  response.once('close', leave);
  try {
    const asked = toWebRequest(exchange, body, controller.signal);
    const answer = await handler.fetch(asked, {
      authInfo: { token: requestId, clientId: caller, scopes: [] },
    });
    await sendWebResponse(exchange, answer);
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
