import { request } from 'node:http';

/** Calls a method of a node's JSON-RPC. Throws when the node is not there or refuses. */
export function callNode<T>(
  url: string,
  method: string,
  params: unknown = {},
  timeoutMs = 20_000,
): Promise<T> {
  return new Promise((resolve, refuse) => {
    const reject = (cause: Error): void =>
      refuse(new Error(`${method} at ${url}: ${cause.message}`, { cause }));
    const outgoing = request(
      `${url}/rpc`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, timeout: timeoutMs, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const { result, error } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
            result: T;
            error?: { message: string };
          };
          if (error === undefined) resolve(result);
          else reject(new Error(error.message));
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  });
}

/** Null while the node is not there. */
export function askNode<T>(url: string, method: string, params: unknown = {}): Promise<T | null> {
  return callNode<T>(url, method, params, 3_000).catch(() => null);
}
