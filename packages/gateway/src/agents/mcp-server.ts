import { McpServer } from '@modelcontextprotocol/server';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import { createMcpNotices, type McpNotices } from './mcp-notices.ts';
import { registerResources } from './mcp-resources.ts';
import { registerTools } from './mcp-tools.ts';
import { createMcpWay, type McpWay } from './mcp-way.ts';
import { STRANGER } from './stranger.ts';

const INSTRUCTIONS =
  'Models of an open market. Find one with search_models, ask it with ask; each answer is paid and has a receipt. balance says what may still be spent.';

/** Answers requests of the Model Context Protocol. */
export function createMcp(context: EndpointContext): McpWay {
  const notices = createMcpNotices(context.completions.meter.book, context.log);
  return createMcpWay(
    {
      clock: context.clock,
      random: context.random,
      serve: (caller, isSession) => serveCaller(context, caller, isSession ? notices : null),
      onError: (error) => context.log.debug('an MCP request was refused', { reason: error.message }),
    },
    { mostBodyBytes: context.mostBodyBytes },
  );
}

/** @param notices null where the client cannot be told of anything later */
function serveCaller(context: EndpointContext, caller: string, notices: McpNotices | null): McpServer {
  const server = new McpServer(
    { name: 'cairn', title: 'Cairn', version: '1' },
    {
      instructions: INSTRUCTIONS,
      capabilities:
        caller === STRANGER ? { tools: {} } : { tools: {}, resources: { subscribe: notices !== null } },
    },
  );
  registerTools(server, context, { caller, isSession: notices !== null });
  if (caller === STRANGER) return server;
  const onRead = notices?.attach(server, caller) ?? (() => undefined);
  registerResources(server, context, { caller, onRead });
  return server;
}
