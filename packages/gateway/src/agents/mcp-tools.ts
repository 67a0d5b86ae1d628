import {
  type Address,
  type Amount,
  addressToAccountId,
  CairnError,
  formatAmount,
  parseAmount,
} from '@cairn/core';
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { levelsOf } from '../api/describe.ts';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import { GatewayError } from '../errors.ts';
import { errorToApi, isUnexpected } from '../http/api-error.ts';
import { askModel, describeAnswer } from './ask.ts';
import { onceFor } from './once.ts';
import { describeFound, searchModels } from './search-models.ts';
import { deployOnce, payOnce } from './spend.ts';
import { STRANGER } from './stranger.ts';
import type { X402Gate } from './x402/gate.ts';
import { callPaidTool } from './x402/paid-tool.ts';

const AMOUNT = z.string().max(20).describe('Decimal CAIRN, such as 0.05.');
const KEY = z
  .string()
  .min(1)
  .max(128)
  .describe('Your own name for this. The same name is never paid twice; a retry gets the first result.');
const TASK = ['text', 'embed', 'rank', 'image', 'speech', 'transcribe', 'translate', 'moderate'] as const;

/** Puts the gateway's tools on a server. Whatever is paid passes its meter. */
export function registerTools(
  server: McpServer,
  context: EndpointContext,
  { caller, isSession }: { readonly caller: string; readonly isSession: boolean },
): void {
  const result = (run: () => Promise<object>) => toResult(context, run);
  const isStranger = caller === STRANGER;
  // Providers answer the same name once: calls of one session, and of one batch, need their own.
  let calls = 0;
  const nameOf = (requestId = '') => {
    calls += 1;
    return `${requestId}.${calls}`;
  };

  server.registerTool(
    'search_models',
    {
      title: 'Search models',
      description:
        'Models that can be asked now, with their prices. Words rank by how many of them a model has; then the cheaper is first.',
      inputSchema: z.object({
        query: z.string().max(400).optional().describe('Words of name, description or capability.'),
        task: z.enum(TASK).optional().describe('What the model has to do.'),
        max_price: AMOUNT.optional().describe('Most decimal CAIRN for a million tokens of an answer.'),
        licence: z.string().max(100).optional().describe('SPDX expression of the model.'),
        min_context: z.int().min(1).max(100_000_000).optional().describe('Tokens it has to read at once.'),
        limit: z.int().min(1).max(50).optional(),
      }),
      annotations: { readOnlyHint: true },
    },
    ({ query, task, max_price, licence, min_context, limit }) =>
      result(async () => {
        const found = searchModels(await context.listed(), {
          words: query,
          task,
          mostPerMillion: max_price === undefined ? undefined : parseAmount(max_price),
          licence,
          leastContext: min_context,
          limit,
        });
        const described = found.map(async (each) => describeFound(each, await levelsOf(context, each)));
        return { models: await Promise.all(described) };
      }),
  );

  server.registerTool(
    'ask',
    {
      title: 'Ask a model',
      description: 'Asks a model and pays its provider. Returns the answer, its cost and its receipt.',
      inputSchema: z.object({
        model: z.string().min(1).max(200),
        prompt: z.string().min(1).max(1_000_000),
        system: z.string().max(100_000).optional(),
        max_tokens: z.int().min(1).max(1_000_000).optional(),
        temperature: z.number().min(0).max(2).optional(),
        max_cost: AMOUNT.optional().describe('Most decimal CAIRN this answer may cost.'),
        key: KEY.optional(),
      }),
      annotations: { openWorldHint: true },
    },
    ({ prompt, system, max_cost, key, ...fields }, { mcpReq: { signal, _meta }, http }) => {
      const requestId = nameOf(http?.authInfo?.token);
      const messages = [
        ...(system === undefined ? [] : [{ role: 'system', content: system }]),
        { role: 'user', content: prompt },
      ];
      const asked = { ...fields, messages };
      const ask = (within: EndpointContext, payer: string, name: string | undefined) =>
        askOnce(within, asked, {
          // A named question is finished for its name when its client leaves. In a session only its word cancels.
          signal: name === undefined || isSession ? signal : new AbortController().signal,
          ...{ caller: payer, key: name, requestId },
          ...(max_cost === undefined ? {} : { most: parseAmount(max_cost) }),
        });
      if (!isStranger) return result(() => ask(context, caller, key));
      return callPaidTool(context, gateOf(context), {
        tool: 'ask',
        meta: _meta,
        fields: asked,
        // The payment's name is the key under which its answer is kept.
        run: async (paid, payer, paymentId) => toAnswer(await ask(paid, payer, paymentId)),
        toFailure: (error) => toFailure(context, error),
      });
    },
  );

  // A stranger has no account here: nothing to look at, and nobody's money to spend.
  if (isStranger) return;
  server.registerTool(
    'pay',
    {
      title: 'Pay',
      description:
        'Sends CAIRN to an address from the wallet of this gateway, within the limits its owner set. Off unless the operator allows it.',
      inputSchema: z.object({ to: z.string().max(100), amount: AMOUNT, key: KEY }),
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    ({ to, amount, key }) =>
      result(async () => {
        const account = addressToAccountId(to as Address);
        const payment = { to: account, address: to, amount: parseAmount(amount) };
        return payOnce(context, { caller, key }, payment);
      }),
  );

  server.registerTool(
    'balance',
    {
      title: 'Balance',
      description: 'What the wallet of this gateway has and may spend, and what you spent in the last day.',
      annotations: { readOnlyHint: true },
    },
    () => result(() => describeBalance(context, caller)),
  );

  server.registerTool(
    'deploy',
    {
      title: 'Deploy',
      description: 'Has providers run a function, a model or an image, within a budget.',
      inputSchema: z.object({
        kind: z.enum(['function', 'model', 'image']),
        source: z
          .string()
          .min(1)
          .max(500_000)
          .describe('Source text, the name of a model, or an image by digest.'),
        budget: AMOUNT.describe('Most decimal CAIRN it may cost.'),
        key: KEY,
      }),
      annotations: { destructiveHint: false, idempotentHint: true },
    },
    ({ kind, source, budget, key }) =>
      result(() => deployOnce(context, { caller, key }, { kind, source, budget: parseAmount(budget) })),
  );
}

interface AskedOnce {
  readonly caller: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** The same name is answered once. */
  readonly key: string | undefined;
  readonly most?: Amount;
}

async function askOnce(
  context: EndpointContext,
  fields: { readonly messages: readonly object[] },
  { key, ...who }: AskedOnce,
): Promise<object> {
  const ask = async (onSpent?: () => void) =>
    describeAnswer(await askModel(context, fields, { ...who, endpoint: 'mcp', ...(onSpent && { onSpent }) }));
  if (key === undefined) return ask();
  const { caller } = who;
  return onceFor(
    context,
    { caller, key, path: '/mcp/ask', body: JSON.stringify(fields) },
    async (onSpent) => ({ told: await ask(onSpent), isSpent: true }),
  );
}

function gateOf({ x402 }: EndpointContext): X402Gate {
  if (x402 !== null) return x402;
  throw new GatewayError(
    { code: 'invalid_api_key' },
    'A key of this gateway is needed: it takes no payments of strangers.',
  );
}

async function describeBalance({ agent, completions }: EndpointContext, caller: string): Promise<object> {
  const wallet = await agent.wallet?.();
  const { spent, held, answers } = completions.meter.usage(caller);
  return {
    unit: 'CAIRN',
    wallet:
      wallet === undefined
        ? null
        : {
            address: wallet.address,
            owner: wallet.owner,
            spendable: formatAmount(wallet.spendable),
            ...(wallet.allowance === null
              ? {}
              : {
                  mostPerPayment: formatAmount(wallet.allowance.perCall),
                  leftOfCap: formatAmount(wallet.allowance.left),
                }),
          },
    today: { spent: formatAmount(spent), held: formatAmount(held), answers },
    pays: agent.pay !== undefined,
    deploys: agent.deploy !== undefined,
  };
}

/** An agent reads a refusal like an answer: it can ask otherwise. */
async function toResult(context: EndpointContext, run: () => Promise<object>): Promise<CallToolResult> {
  try {
    return toAnswer(await run());
  } catch (error) {
    return toFailure(context, error);
  }
}

function toAnswer(value: object): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(value) }],
    structuredContent: value as Record<string, unknown>,
  };
}

function toFailure({ log }: EndpointContext, error: unknown): CallToolResult {
  const text = describeFailure(error);
  if (text === null) log.error('a tool failed', { reason: String(error) });
  return { content: [{ type: 'text', text: text ?? errorToApi(error).body.error.message }], isError: true };
}

const OF_THE_CALLER: readonly string[] = ['AMOUNT_MALFORMED', 'ADDRESS_MALFORMED'];

/** Null for what nobody expected, which is not shown. */
function describeFailure(error: unknown): string | null {
  const isCallers = error instanceof CairnError && OF_THE_CALLER.includes(error.code);
  if (isUnexpected(error) && !isCallers) return null;
  const { code, message } = error as CairnError<{ code: string }>;
  return `${code}: ${message}`;
}
