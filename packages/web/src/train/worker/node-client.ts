import { connectRpcLedger, type RpcLedger } from '@cairn/sdk';
import { WebError } from '../../errors.ts';

/** The node that serves this page. */
export interface NodeClient {
  readonly ledger: RpcLedger;
  /** A blob by its SHA-256 in hex, unchecked; null when the node does not have it. @throws WebError `NODE_REFUSED` */
  blob(id: string): Promise<Uint8Array | null>;
  /**
   * Leaves a blob of a round with the node, which shows it to others once updates are shown.
   *
   * @throws WebError `NODE_REFUSED`
   */
  deposit(run: string, round: number, bytes: Uint8Array): Promise<void>;
}

/** Largest blob taken in: a page, a shard or a list. */
const MAX_BLOB_BYTES = 64 * 2 ** 20;

export async function connectNode(): Promise<NodeClient> {
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(path, init).catch((cause: unknown) => {
      throw new WebError(
        { code: 'NODE_REFUSED', status: 0, reason: 'unreachable' },
        'The node that served this page does not answer. Start it again; this page then goes on by itself.',
        { cause },
      );
    });
    if (response.ok || response.status === 404) return response;
    const reason = (await response.text()).slice(0, 300);
    throw new WebError(
      { code: 'NODE_REFUSED', status: response.status, reason },
      `The node refused ${path.split('?')[0]} with status ${response.status}: ${reason}`,
    );
  };
  const ledger = await connectRpcLedger(
    async (body) =>
      (await ask('/rpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text(),
    waitFor,
  );
  return {
    ledger,
    async blob(id) {
      const response = await ask(`/blob/${id}`);
      if (response.status === 404) return null;
      if (Number(response.headers.get('content-length') ?? Number.POSITIVE_INFINITY) > MAX_BLOB_BYTES)
        return null;
      return new Uint8Array(await response.arrayBuffer());
    },
    async deposit(run, round, bytes) {
      await ask(`/blob?run=${run}&round=${round}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: Uint8Array.from(bytes),
      });
    },
  };
}

/** Waits so many milliseconds, or until the signal. */
export function waitFor(
  ms: number,
  signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void },
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
