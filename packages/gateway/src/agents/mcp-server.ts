import { createMcpHandler, type McpHttpHandler, McpServer } from '@modelcontextprotocol/server';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import { registerResources } from './mcp-resources.ts';
import { registerTools } from './mcp-tools.ts';
import { STRANGER } from './stranger.ts';

const INSTRUCTIONS =
  'Models of an open market. Find one with search_models, ask it with ask; each answer is paid and has a receipt. balance says what may still be spent.';
const MOST_SUBSCRIPTIONS = 64;

/** Answers requests of the Model Context Protocol, each with a server of its own for its caller. */
export function createMcp(context: EndpointContext): McpHttpHandler {
  return createMcpHandler(
    ({ authInfo }) => {
      const caller = authInfo?.clientId ?? 'nobody';
      const server = new McpServer(
        { name: 'cairn', title: 'Cairn', version: '1' },
        {
          instructions: INSTRUCTIONS,
          capabilities: caller === STRANGER ? { tools: {} } : { tools: {}, resources: {} },
        },
      );
      registerTools(server, context, { caller, requestId: authInfo?.token ?? '' });
      if (caller !== STRANGER) registerResources(server, context, caller);
      return server;
    },
    {
      maxSubscriptions: MOST_SUBSCRIPTIONS,
      maxRequestBodySize: context.mostBodyBytes,
      onerror: (error) => context.log.debug('an MCP request was refused', { reason: error.message }),
    },
  );
}
