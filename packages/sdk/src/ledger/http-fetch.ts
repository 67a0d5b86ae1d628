import { SdkError } from '../errors.ts';
import type { RpcFetch } from './rpc-ledger.ts';

export interface HttpFetchParts {
  /** `fetch` of the platform. */
  readonly fetch: typeof globalThis.fetch;
}

export interface HttpFetchOptions {
  /** Where JSON-RPC is answered. */
  readonly url: string;
  /** For the whole answer. @default 30_000 */
  readonly timeoutMs?: number;
  /** Longest answer that is read. @default 8_388_608 */
  readonly maxBytes?: number;
}

/**
 * JSON-RPC over HTTP with a node of a stranger: it neither holds us up nor fills our memory.
 *
 * @throws SdkError from each call: `SOURCE_UNREACHABLE`, `ANSWER_TOO_LONG`
 */
export function createHttpFetch(parts: HttpFetchParts, options: HttpFetchOptions): RpcFetch {
  const { url, timeoutMs = 30_000, maxBytes = 8_388_608 } = options;
  // Called without an object: browsers refuse a `fetch` that is called on another one.
  const { fetch } = parts;
  return async (body) => {
    const tooLong = () =>
      new SdkError(
        { code: 'ANSWER_TOO_LONG', source: url, maxBytes },
        `The answer of ${url} is longer than ${maxBytes} bytes: it is not read. Ask another node.`,
      );
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw new Error(`it answers with status ${response.status}`);
      const chunks: Uint8Array[] = [];
      let size = 0;
      // By reader: not every browser can iterate a body.
      const reader = response.body!.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > maxBytes) {
          await reader.cancel();
          throw tooLong();
        }
        chunks.push(value);
      }
      const whole = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        whole.set(chunk, at);
        at += chunk.length;
      }
      return new TextDecoder().decode(whole);
    } catch (cause) {
      if (cause instanceof SdkError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SdkError(
        { code: 'SOURCE_UNREACHABLE', source: url, reason },
        `${url} does not answer: ${reason}. Check the address, or ask another node.`,
        { cause },
      );
    }
  };
}
