import { Agent, request } from 'node:http';
import { ChainError } from '../errors.ts';

/** What CometBFT answers to a call, or why it refused. */
export type CometAnswer<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly message: string };

/** CometBFT's JSON-RPC on its socket, with bounds on time and size. */
export interface CometRpc {
  /** @throws ChainError `COMETBFT_UNREACHABLE` */
  call<T>(method: string, params?: Readonly<Record<string, unknown>>): Promise<CometAnswer<T>>;
  close(): void;
}

export interface CometRpcOptions {
  readonly socketPath: string;
  /** @default 10_000 */
  readonly timeoutMs?: number;
  /** Longest answer that is read. @default 67_108_864 */
  readonly maxBytes?: number;
}

export function createCometRpc(options: CometRpcOptions): CometRpc {
  const { socketPath, timeoutMs = 10_000, maxBytes = 67_108_864 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let calls = 0;

  function post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void => {
        outgoing.destroy();
        reject(unreachable(reason, cause));
      };
      const outgoing = request(
        { socketPath, agent, method: 'POST', path: '/', headers: { 'content-type': 'application/json' } },
        (incoming) => {
          const chunks: Buffer[] = [];
          let size = 0;
          incoming.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > maxBytes) fail(`its answer is longer than ${maxBytes} bytes`);
            else chunks.push(chunk);
          });
          incoming.on('end', () => {
            clearTimeout(timer);
            resolve(Buffer.concat(chunks).toString('utf8'));
          });
          incoming.on('error', (cause) => fail('its answer broke off', cause));
        },
      );
      const timer = setTimeout(() => fail(`it did not answer in ${timeoutMs} ms`), timeoutMs);
      timer.unref();
      outgoing.on('error', (cause) => {
        clearTimeout(timer);
        reject(unreachable('it does not listen', cause));
      });
      outgoing.end(body);
    });
  }

  return {
    async call<T>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<CometAnswer<T>> {
      calls += 1;
      const text = await post(JSON.stringify({ jsonrpc: '2.0', id: calls, method, params }));
      let answer: { result?: T; error?: { message?: string; data?: string } };
      try {
        answer = JSON.parse(text);
      } catch (cause) {
        throw unreachable('its answer is no JSON', cause);
      }
      if (answer.error === undefined) return { ok: true, result: answer.result as T };
      const { message = 'refused', data = '' } = answer.error;
      return { ok: false, message: data === '' ? message : `${message}: ${data}` };
    },
    close: () => agent.destroy(),
  };
}

function unreachable(reason: string, cause?: unknown): ChainError {
  return new ChainError(
    { code: 'COMETBFT_UNREACHABLE', reason },
    `CometBFT cannot be asked: ${reason}. It may be starting; try again in a moment.`,
    cause === undefined ? {} : { cause },
  );
}
