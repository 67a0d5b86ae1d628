import { Agent, request as ask } from 'node:http';
import { ProvingError } from '../../errors.ts';
import { BENCH_CHUNKS, BENCH_KEY, benchBody } from './answers.ts';

export interface LoadTarget {
  readonly port: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LoadResult {
  /** Wall-clock milliseconds of all requests. */
  readonly tookMs: number;
  /** Milliseconds from each request to the first byte of its answer. */
  readonly firstByteMs: readonly number[];
}

/**
 * Sends `count` requests, `concurrency` at once, each on a connection that is kept, and checks every answer: a fast
 * refusal is no answer.
 *
 * @throws ProvingError `BENCH_FAILED`
 */
export async function sendLoad(
  target: LoadTarget,
  load: { readonly isStream: boolean; readonly count: number; readonly concurrency: number },
): Promise<LoadResult> {
  const { isStream, count, concurrency } = load;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const body = benchBody(isStream);
  const firstByteMs: number[] = [];
  let left = count;
  const start = performance.now();
  async function work(): Promise<void> {
    while (left-- > 0) firstByteMs.push(await sendOne(agent, target, body, isStream));
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    agent.destroy();
  }
  return { tookMs: performance.now() - start, firstByteMs };
}

function sendOne(agent: Agent, target: LoadTarget, body: string, isStream: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let firstMs = 0;
    const sent = ask(
      {
        host: '127.0.0.1',
        port: target.port,
        path: '/v1/chat/completions',
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${BENCH_KEY}`,
          'content-type': 'application/json',
          'content-length': body.length,
          ...target.headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          if (firstMs === 0) firstMs = performance.now() - start;
          text += piece;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200 && isWhole(text, isStream)) resolve(firstMs);
          else reject(wrong(response.statusCode ?? 0, text));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function isWhole(text: string, isStream: boolean): boolean {
  if (!isStream) return text.includes('word15"');
  return text.includes(`word${BENCH_CHUNKS - 1}`) && text.trimEnd().endsWith('data: [DONE]');
}

function wrong(status: number, text: string): ProvingError {
  const reason = `an answer was not whole: status ${status}, …${text.slice(-400)}`;
  return new ProvingError({ code: 'BENCH_FAILED', reason }, `The gateway bench stopped: ${reason}.`);
}
