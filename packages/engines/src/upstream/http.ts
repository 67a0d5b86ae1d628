import type { CancelSignal } from '@cairn/core';
import { EngineError, reasonOf } from '../errors.ts';

export interface HttpParts {
  /** Default: the platform's own. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface HttpLimits {
  /** Longest wait for the first byte of an answer, and between two chunks of it, in milliseconds. */
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly maxBytes: number;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON, but for a form. */
  readonly body?: unknown;
  readonly signal?: CancelSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /**
   * Chunks of the body. Ends only when the server ended it.
   * @throws EngineError `STREAM_CUT`, `UPSTREAM_TIMED_OUT`, `UPSTREAM_FAILED` past `maxBytes`
   */
  readonly chunks: AsyncGenerator<Uint8Array, void>;
  /** Gives the connection up. Harmless when all was read. */
  cancel(): void;
}

/**
 * Sends a request and returns once the head of the answer is there.
 *
 * @throws EngineError `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMED_OUT`
 */
export async function sendHttp(
  parts: HttpParts,
  request: HttpRequest,
  limits: HttpLimits,
): Promise<HttpAnswer> {
  const { url } = request;
  const controller = new AbortController();
  const onCancel = () => controller.abort();
  request.signal?.addEventListener('abort', onCancel, { once: true });
  let timedOutAfterMs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const wait = (afterMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timedOutAfterMs = afterMs;
      controller.abort();
    }, afterMs);
  };
  const finish = () => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onCancel);
  };
  const timedOut = (afterMs: number) =>
    new EngineError(
      { code: 'UPSTREAM_TIMED_OUT', url, afterMs },
      `${url} sent nothing for ${afterMs} ms. Check that the server is well, or allow it more time.`,
    );
  const isForm = request.body instanceof FormData;
  let response: Response;
  wait(limits.firstByteMs);
  try {
    response = await (parts.fetch ?? globalThis.fetch)(url, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined
        ? {}
        : { body: isForm ? (request.body as FormData) : JSON.stringify(request.body) }),
      signal: controller.signal,
      redirect: 'error',
    });
  } catch (error) {
    finish();
    if (timedOutAfterMs !== null) throw timedOut(timedOutAfterMs);
    const reason = causeOf(error);
    throw new EngineError(
      { code: 'UPSTREAM_UNREACHABLE', url, reason },
      `${url} cannot be reached: ${reason}. Check that the server is running.`,
      { cause: error },
    );
  }
  async function* readChunks(): AsyncGenerator<Uint8Array, void> {
    let receivedBytes = 0;
    try {
      wait(limits.idleMs);
      for await (const chunk of response.body ?? []) {
        receivedBytes += chunk.byteLength;
        if (receivedBytes > limits.maxBytes) throw tooLong(url, limits.maxBytes);
        clearTimeout(timer);
        yield chunk;
        wait(limits.idleMs);
      }
    } catch (error) {
      if (error instanceof EngineError) throw error;
      if (timedOutAfterMs !== null) throw timedOut(timedOutAfterMs);
      throw streamCut(url, receivedBytes, error);
    } finally {
      finish();
    }
  }
  return {
    status: response.status,
    chunks: readChunks(),
    cancel() {
      finish();
      controller.abort();
    },
  };
}

/** The whole body as text, up to the limit. @throws EngineError as {@link HttpAnswer.chunks} */
export async function readText(answer: HttpAnswer): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The whole body, up to the limit. @throws EngineError as {@link HttpAnswer.chunks} */
export async function readBytes(answer: HttpAnswer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function streamCut(url: string, receivedBytes: number, cause?: unknown): EngineError {
  return new EngineError(
    { code: 'STREAM_CUT', receivedBytes },
    `${url} broke off after ${receivedBytes} bytes, before it said that the answer was complete. Ask again.`,
    { cause },
  );
}

/** What a server said about a refusal: short, and without control characters. */
export function quoteStranger(text: string): string {
  const flat = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return flat.length > 200 ? `${flat.slice(0, 200)}…` : flat;
}

function tooLong(url: string, maxBytes: number): EngineError {
  return new EngineError(
    { code: 'UPSTREAM_FAILED', url, status: null, reason: `more than ${maxBytes} bytes` },
    `${url} sent more than the ${maxBytes} bytes an answer may have. Lower the number of tokens asked for.`,
  );
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : reasonOf(error);
}
