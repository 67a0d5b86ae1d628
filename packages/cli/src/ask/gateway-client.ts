import { NodeError } from '@cairn/node';
import { CliError } from '../errors.ts';

/** The OpenAI-compatible endpoint of a node. */
export interface GatewayClient {
  readonly url: string;
  /** @throws CliError `ANSWER_FAILED`; NodeError `NODE_UNREACHABLE` */
  fetch(path: string, body?: unknown): Promise<Response>;
}

export interface GatewayParts {
  readonly signal: AbortSignal;
  /** Empty: none is sent. */
  readonly apiKey: string;
}

export function connectGateway(url: string, { signal, apiKey }: GatewayParts): GatewayClient {
  return {
    url,
    async fetch(path, body) {
      const address = new URL(path, url).href;
      const response = await send(address, {
        method: body === undefined ? 'GET' : 'POST',
        signal,
        headers: {
          ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.ok) return response;
      throw await refusalOf(response);
    },
  };
}

async function send(address: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(address, options);
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    throw new NodeError(
      { code: 'NODE_UNREACHABLE', address },
      `No gateway answers at ${address}. Start a node with ./cairn up.`,
      { cause },
    );
  }
}

async function refusalOf(response: Response): Promise<CliError> {
  const text = await response.text();
  let message = `The gateway refused with status ${response.status}.`;
  let reason = 'unknown';
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; code?: unknown } };
    if (typeof error?.message === 'string') message = error.message;
    if (typeof error?.code === 'string') reason = error.code;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new CliError({ code: 'ANSWER_FAILED', status: response.status, reason }, message);
}
