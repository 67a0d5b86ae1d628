import { type GenerateEvent, type GenerateRequest, withoutToolMarks } from '@cairn/protocol';
import { EngineError } from '../errors.ts';
import { createStopFilter } from '../stop-filter.ts';
import { parseUpstreamChunk, type UpstreamChunk } from './chunk.ts';
import { type HttpLimits, type HttpParts, quoteStranger, readText, sendHttp, streamCut } from './http.ts';
import { readSseData, SseMalformed } from './sse.ts';
import { createCallMarker, messagesToBody, shapeToBody } from './tool-body.ts';

export interface UpstreamTarget {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
  readonly limits: HttpLimits;
  /** Whether log probabilities may be asked for. */
  readonly logprobs: boolean;
}

/**
 * Asks an OpenAI-compatible server and follows its stream. The end is only given when the server named a reason,
 * counted its tokens and said that it was done; anything less is an error.
 *
 * @throws EngineError `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMED_OUT`, `UPSTREAM_FAILED`, `STREAM_CUT`,
 * `CAPABILITY_MISSING` for a prompt of token ids
 */
export async function* streamUpstream(
  parts: HttpParts,
  target: UpstreamTarget,
  request: GenerateRequest,
): AsyncGenerator<GenerateEvent, void> {
  const { path, body } = toBody(target, request);
  const url = `${target.baseUrl}${path}`;
  const headers = target.apiKey === undefined ? {} : { authorization: `Bearer ${target.apiKey}` };
  const cancelled = (chunks: number): GenerateEvent => ({
    type: 'end',
    finishReason: 'cancelled',
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: chunks,
    seed: null,
  });
  const { signal } = request;
  const isCancelled = () => signal?.aborted === true;
  if (isCancelled()) {
    yield cancelled(0);
    return;
  }
  let shownChunks = 0;
  let cancel: (() => void) | null = null;
  try {
    const sent = { url, method: 'POST' as const, headers, body, ...(signal === undefined ? {} : { signal }) };
    const answer = await sendHttp(parts, sent, target.limits);
    cancel = answer.cancel;
    if (answer.status !== 200)
      throw failed(url, answer.status, quoteStranger(errorText(await readText(answer))));
    const filter = createStopFilter(request.stop);
    const seen: { reason: string | null; usage: UpstreamChunk['usage']; done: boolean } = {
      reason: null,
      usage: null,
      done: false,
    };
    const mark = request.shape === undefined ? null : createCallMarker();
    let receivedLength = 0;
    let hasStopped = false;
    for await (const data of readSseData(answer.chunks)) {
      receivedLength += data.length;
      if (data === '[DONE]') {
        seen.done = true;
        break;
      }
      const chunk = parseUpstreamChunk(data);
      if (chunk === null) throw failed(url, 200, 'an event of the stream is not a JSON object');
      if (chunk.error !== null) throw failed(url, 200, quoteStranger(chunk.error));
      seen.reason = chunk.finishReason ?? seen.reason;
      seen.usage = chunk.usage ?? seen.usage;
      const calls = mark?.(chunk.toolCalls) ?? '';
      if (calls === null) throw failed(url, 200, 'it mixes the pieces of several calls of tools');
      if (chunk.text === '' && calls === '') continue;
      // Behind a stop text the stream is only followed for its count of tokens.
      const plain = mark === null ? chunk.text : withoutToolMarks(chunk.text);
      const shown: { text: string; stopped: boolean } =
        calls === '' ? filter.push(plain) : { text: `${filter.flush()}${calls}`, stopped: hasStopped };
      const { text } = shown;
      hasStopped = shown.stopped;
      if (text !== '') {
        shownChunks += 1;
        yield {
          type: 'delta',
          text,
          tokenIds: null,
          logprobs: request.topLogprobs > 0 ? chunk.logprobs : null,
        };
      }
      if (isCancelled()) {
        yield cancelled(shownChunks);
        return;
      }
    }
    if (!seen.done || seen.reason === null) throw streamCut(url, receivedLength);
    if (seen.usage === null) throw failed(url, 200, 'it does not count the tokens of a streamed answer');
    const rest = filter.flush();
    if (rest !== '') yield { type: 'delta', text: rest, tokenIds: null, logprobs: null };
    const finishReason = hasStopped ? 'stop' : toFinishReason(url, seen.reason);
    yield { type: 'end', finishReason, ...seen.usage, seed: null };
  } catch (error) {
    if (isCancelled()) {
      yield cancelled(shownChunks);
      return;
    }
    if (error instanceof SseMalformed) throw failed(url, 200, error.message);
    throw error;
  } finally {
    cancel?.();
  }
}

function toBody(target: UpstreamTarget, request: GenerateRequest): { path: string; body: object } {
  const { prompt } = request;
  if (prompt.kind === 'tokens') {
    throw new EngineError(
      { code: 'CAPABILITY_MISSING', capability: 'prefill' },
      'An upstream takes text, not token ids. Send text, or use a local model.',
    );
  }
  const isChat = prompt.kind === 'chat';
  const shared = {
    model: target.model,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    stream: true,
    stream_options: { include_usage: true },
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(request.stop.length === 0 ? {} : { stop: request.stop }),
  };
  const wantsLogprobs = isChat && target.logprobs && request.topLogprobs > 0;
  return isChat
    ? {
        path: '/v1/chat/completions',
        body: {
          ...shared,
          messages: messagesToBody(prompt.messages),
          ...(request.shape === undefined ? {} : shapeToBody(request.shape)),
          ...(wantsLogprobs ? { logprobs: true, top_logprobs: request.topLogprobs } : {}),
        },
      }
    : { path: '/v1/completions', body: { ...shared, prompt: prompt.text } };
}

function toFinishReason(url: string, reason: string): 'stop' | 'length' {
  if (reason === 'stop' || reason === 'length') return reason;
  if (reason === 'tool_calls' || reason === 'function_call') return 'stop';
  throw failed(url, 200, `the answer ended for the reason ${JSON.stringify(quoteStranger(reason))}`);
}

function errorText(body: string): string {
  return parseUpstreamChunk(body)?.error ?? body;
}

function failed(url: string, status: number, reason: string): EngineError {
  return new EngineError(
    { code: 'UPSTREAM_FAILED', url, status, reason },
    `${url} could not answer (status ${status}): ${reason}. Look at the log of that server.`,
  );
}
