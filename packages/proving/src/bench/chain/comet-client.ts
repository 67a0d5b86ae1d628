import { Agent, request } from 'node:http';

/** CometBFT's JSON-RPC on a socket, in batches. */
export interface CometClient {
  call<T>(method: string, params?: object): Promise<T>;
  /**
   * Sends transactions (base64) without waiting for their check. False for those that it refused at once. Those of a
   * connection that broke may have been taken: blocks tell.
   */
  broadcast(txs: readonly string[]): Promise<boolean[]>;
  close(): void;
}

/** CometBFT takes no more calls in one request. */
export const MAX_BATCH = 10;

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: string };
}

export function createCometClient(socketPath: string): CometClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });

  function post<T>(body: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath, agent, method: 'POST', path: '/', headers: { 'content-type': 'application/json' } },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as T));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify(body));
    });
  }

  return {
    async call<T>(method: string, params: object = {}) {
      const ask = () => post<Answer>({ jsonrpc: '2.0', id: 1, method, params });
      // It closes connections that were idle for a while, perhaps at this moment.
      const { result, error } = await ask().catch(ask);
      if (error !== undefined) throw new Error(`${method}: ${error.message} ${error.data ?? ''}`);
      return result as T;
    },
    async broadcast(txs) {
      const calls = txs.map((tx, id) => ({
        ...{ jsonrpc: '2.0', id, method: 'broadcast_tx_async' },
        params: { tx },
      }));
      const answers = await post<Answer | Answer[]>(calls).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return calls.map((): Answer => ({}));
        throw error;
      });
      return (Array.isArray(answers) ? answers : [answers]).map(({ error }) => error === undefined);
    },
    close: () => agent.destroy(),
  };
}
