import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@cairn/core';
import { completable, fromJsonSchema, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { exchangeMcp } from '../src/agents/mcp.ts';
import { createMcpWay, type McpWayOptions } from '../src/agents/mcp-way.ts';
import { createControl, errorToApi } from '../src/index.ts';

/** One red pixel, and a sound of no length. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const SOUND = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
const image = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' };
const resource = (uri: string, said: string, mimeType = 'text/plain') => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: said },
});
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

/** What the conformance suite asks for, by the names it asks for. */
function aFixture(): McpServer {
  const server = new McpServer(
    { name: 'fixture', version: '1' },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true },
        prompts: {},
        logging: {},
        completions: {},
      },
    },
  );
  const tool = (name: string, run: () => object) =>
    server.registerTool(name, { description: name }, async () => run() as never);
  tool('test_simple_text', () => text('This is a simple text response for testing.'));
  tool('test_image_content', () => ({ content: [image] }));
  tool('test_audio_content', () => ({ content: [{ type: 'audio', data: SOUND, mimeType: 'audio/wav' }] }));
  tool('test_embedded_resource', () => ({
    content: [resource('test://embedded-resource', 'This is an embedded resource content.')],
  }));
  tool('test_multiple_content_types', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      resource('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json'),
    ],
  }));
  tool('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_tool_with_logging', { description: 'logs' }, async ({ mcpReq }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
      await pause();
    }
    return text('logged');
  });
  server.registerTool('test_tool_with_progress', { description: 'progress' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100 },
        });
      }
      await pause();
    }
    return text('done');
  });
  server.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'Tool with JSON Schema 2020-12 features',
      inputSchema: fromJsonSchema({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: {
          address: {
            type: 'object',
            properties: { street: { type: 'string' }, city: { type: 'string' } },
          },
        },
        properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
        additionalProperties: false,
      }),
    },
    async () => text('fine'),
  );
  askBack(server);
  const isText = { description: 'text', mimeType: 'text/plain' };
  server.registerResource('text', 'test://static-text', isText, ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }));
  server.registerResource('binary', 'test://static-binary', { description: 'pixel' }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'image/png', blob: PIXEL }],
  }));
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'template' },
    ({ href: uri }, { id }) => ({
      contents: [
        {
          uri,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
  const user = (content: object) => ({ role: 'user' as const, content: content as never });
  server.registerPrompt('test_simple_prompt', { description: 'simple' }, () => ({
    messages: [user({ type: 'text', text: 'This is a simple prompt for testing.' })],
  }));
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'arguments',
      argsSchema: z.object({ arg1: completable(z.string(), () => ['paris', 'park']), arg2: z.string() }),
    },
    ({ arg1, arg2 }) => ({
      messages: [user({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` })],
    }),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'resource', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        user(resource(resourceUri, 'Embedded resource content for testing.')),
        user({ type: 'text', text: 'Please process the embedded resource above.' }),
      ],
    }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'image' }, () => ({
    messages: [user(image), user({ type: 'text', text: 'Please analyze the image above.' })],
  }));
  return server;
}

/** Tools that ask the client something, or let go of it, and subscriptions: all that needs a session. */
function askBack(server: McpServer): void {
  const said = (result: { action: string; content?: unknown }) =>
    text(`Elicitation completed: action=${result.action}, content=${JSON.stringify(result.content)}`);
  server.registerTool(
    'test_sampling',
    { description: 'samples', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const { content } = (await mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
        maxTokens: 100,
      })) as { content: { text: string } };
      return text(`LLM response: ${content.text}`);
    },
  );
  const elicits = (name: string, properties: object, required: string[] = []) =>
    server.registerTool(name, { description: name }, async ({ mcpReq }) =>
      said(
        await mcpReq.elicitInput({
          mode: 'form',
          message: 'Please tell.',
          requestedSchema: { type: 'object', properties: properties as never, required },
        }),
      ),
    );
  server.registerTool(
    'test_elicitation',
    { description: 'elicits', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, { mcpReq }) => {
      const properties = {
        username: { type: 'string' as const, description: "User's response" },
        email: { type: 'string' as const, description: "User's email address" },
      };
      const requestedSchema = { type: 'object' as const, properties, required: ['username', 'email'] };
      return said(await mcpReq.elicitInput({ mode: 'form', message, requestedSchema }));
    },
  );
  elicits('test_elicitation_sep1034_defaults', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  });
  const three = ['option1', 'option2', 'option3'];
  const titled = [
    { const: 'value1', title: 'First Option' },
    { const: 'value2', title: 'Second Option' },
    { const: 'value3', title: 'Third Option' },
  ];
  elicits('test_elicitation_sep1330_enums', {
    untitledSingle: { type: 'string', enum: three },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: three } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  });
  server.registerTool('test_reconnection', { description: 'lets go' }, async ({ http }) => {
    http?.closeSSE?.();
    await pause();
    return text('You came back.');
  });
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
}

/** The way of `/mcp` through a gateway, with the suite's tools in the place of ours. */
export async function startMcpFixture(options: McpWayOptions & { keys?: string[]; clock?: Clock } = {}) {
  const errors: Error[] = [];
  const way = createMcpWay(
    {
      clock: options.clock ?? { nowMs: () => Date.now() },
      random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
      serve: aFixture,
      onError: (error) => errors.push(error),
    },
    options,
  );
  const control = createControl({ keys: options.keys ?? [] });
  const server = createServer(async (request, response) => {
    try {
      const caller = control.admit(request).id;
      const exchange = {
        request,
        response,
        path: '/mcp',
        rest: '',
        caller,
        requestId: 'r',
        headers: {},
        startMs: 0,
      };
      await exchangeMcp(way, exchange, 1024 * 1024);
    } catch (error) {
      const { status, body, headers } = errorToApi(error);
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      await way.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
