import { CliError } from '../errors.ts';

/** What Cairn adds to an answer. */
export interface CairnNote {
  readonly receipt: string;
  readonly provider: string;
  /** Decimal CAIRN. */
  readonly cost: string;
  /** Who can read it; a gateway of an older version does not say. */
  readonly privacy?: { readonly level: string; readonly name: string; readonly readers: string };
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export type AnswerEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'note'; readonly note: CairnNote };

/** Longest line of a stream, in UTF-16 units. */
const MAX_LINE_LENGTH = 1 << 20;

/**
 * Reads a streamed chat completion to its end.
 *
 * @throws CliError `ANSWER_FAILED` when the gateway says that it broke, `ANSWER_CUT` when it just ends
 */
export async function* readAnswer(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<AnswerEvent, void> {
  for await (const line of readLines(chunks)) {
    if (line.startsWith(': cairn ')) {
      yield { type: 'note', note: parse(line.slice(8)) as CairnNote };
      continue;
    }
    if (!line.startsWith('data:')) continue;
    const data = line.slice(5).trim();
    if (data === '[DONE]') return;
    yield* readChunk(parse(data) as Chunk);
  }
  throw cut('the stream ended before the answer did');
}

interface Chunk {
  readonly error?: { readonly message?: string; readonly code?: string };
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: Usage | null;
}

function* readChunk({ error, choices = [], usage }: Chunk): Generator<AnswerEvent, void> {
  if (error !== undefined) {
    const reason = error.message ?? 'The gateway gave no reason.';
    throw new CliError(
      { code: 'ANSWER_FAILED', status: 200, reason: error.code ?? 'unknown' },
      `The answer broke off: ${reason}`,
    );
  }
  const text = choices[0]?.delta?.content;
  if (typeof text === 'string' && text !== '') yield { type: 'text', text };
  if (usage != null) yield { type: 'usage', usage };
}

async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop()!;
    if (rest.length > MAX_LINE_LENGTH) throw cut('a line of the stream is too long');
    yield* lines;
  }
}

function parse(json: string): unknown {
  try {
    const value = JSON.parse(json) as unknown;
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw cut('a part of it is not JSON', cause);
  }
  throw cut('a part of it is not an object');
}

function cut(reason: string, cause?: unknown): CliError {
  return new CliError(
    { code: 'ANSWER_CUT', reason },
    `The answer cannot be read to its end: ${reason}. Ask again.`,
    cause === undefined ? {} : { cause },
  );
}
