import type { Exchange } from '../endpoints/endpoint.ts';
import { writeWithBackpressure } from '../http/reply.ts';

/** A request in the web's form, cancelled when its client leaves. */
export function toWebRequest(
  { request, path }: Exchange,
  body: Uint8Array | null,
  signal: AbortSignal,
): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value);
    else for (const one of value ?? []) headers.append(name, one);
  }
  // The name that the client used is checked before, and nothing here depends on it.
  return new Request(new URL(path, 'http://gateway.invalid'), {
    method: request.method ?? 'GET',
    headers,
    signal,
    ...(body === null ? {} : { body: new Uint8Array(body) }),
  });
}

/** Sends an answer in the web's form, no faster than its client reads. */
export async function sendWebResponse({ response, headers }: Exchange, answer: Response): Promise<void> {
  if (response.destroyed) {
    await answer.body?.cancel();
    return;
  }
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...headers });
  if (answer.body === null) {
    response.end();
    return;
  }
  // A stream may be silent for long, and its client waits for the head.
  response.flushHeaders();
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  const leave = () => void reader.cancel().catch(() => undefined);
  response.once('close', leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) break;
      await writeWithBackpressure(response, decoder.decode(value, { stream: true }));
    }
    response.end(decoder.decode());
  } finally {
    response.off('close', leave);
  }
}
