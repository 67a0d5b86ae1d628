import type { TokenLogprob } from '@cairn/protocol';
import { createStopFilter } from './stop-filter.ts';

/** Text that may be shown, and exactly the tokens it is the text of. */
export interface AssembledDelta {
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** Null when no token carried one. */
  readonly logprobs: readonly TokenLogprob[] | null;
}

export interface TokenAssembler {
  push(tokenId: number, logprob: TokenLogprob | null): { delta: AssembledDelta | null; stopped: boolean };
  flush(): { delta: AssembledDelta | null; stopped: boolean };
  /** Tokens given back so far. */
  readonly shownTokens: number;
}

interface WaitingToken {
  readonly id: number;
  readonly logprob: TokenLogprob | null;
  /** Where its text starts and ends in the whole answer, in UTF-16 units. */
  start: number;
  end: number;
}

/** A character is at most four bytes, so four byte tokens; one more tells that the bytes are simply wrong. */
const MAX_UNDECODED_TOKENS = 5;
/** Tokens of context that decoders may look at, to decide about a leading space. */
const RECENT_TOKENS = 8;

/**
 * Turns tokens into text: waits until the bytes of a character are complete, applies the stop texts, and hands
 * tokens over whole, so that what was shown is always the text of the tokens that were told. Only a stop text may
 * cut a token. A token that lies wholly inside a stop text is dropped.
 *
 * @param detokenize text of `tokens`, given the tokens before them; incomplete bytes read as U+FFFD.
 * @param prefill tokens that were shown before, elsewhere.
 */
export function createTokenAssembler(
  detokenize: (tokens: readonly number[], before: readonly number[]) => string,
  stops: readonly string[],
  prefill: readonly number[] = [],
): TokenAssembler {
  const filter = createStopFilter(stops);
  let undecoded: WaitingToken[] = [];
  let waiting: WaitingToken[] = [];
  let recent: number[] = [];
  /** Text that was decoded and not shown. */
  let hidden = '';
  let decodedLength = 0;
  /** What the stop texts leave, whether tokens are whole or not. */
  let clearedLength = 0;
  let shownLength = 0;
  let shownTokens = 0;

  function decode(force: boolean): string {
    if (undecoded.length === 0) return '';
    const ids = undecoded.map((token) => token.id);
    const text = detokenize(ids, recent);
    if (!force && text.endsWith('\uFFFD') && undecoded.length < MAX_UNDECODED_TOKENS) return '';
    for (const token of undecoded) {
      token.start = decodedLength;
      token.end = decodedLength + text.length;
    }
    waiting = waiting.concat(undecoded);
    undecoded = [];
    recent = recent.concat(ids).slice(-RECENT_TOKENS);
    decodedLength += text.length;
    hidden += text;
    return text;
  }

  function clear(text: string, isLast = false): boolean {
    const { text: cleared, stopped } = filter.push(text);
    clearedLength += cleared.length;
    if (isLast && !stopped) clearedLength += filter.flush().length;
    return stopped;
  }

  function show(stopped: boolean): AssembledDelta | null {
    const cut = Math.max(clearedLength, shownLength);
    const ready = waiting.filter((token) => (stopped ? token.start < cut : token.end <= clearedLength));
    waiting = stopped ? [] : waiting.slice(ready.length);
    const until = stopped ? cut : (ready.at(-1)?.end ?? shownLength);
    const text = hidden.slice(0, until - shownLength);
    hidden = hidden.slice(text.length);
    shownLength = until;
    shownTokens += ready.length;
    if (text === '' && ready.length === 0) return null;
    const logprobs = ready.flatMap((token) => (token.logprob === null ? [] : [token.logprob]));
    return {
      text,
      tokenIds: ready.map((token) => token.id),
      logprobs: logprobs.length === 0 ? null : logprobs,
    };
  }

  for (const id of prefill) {
    undecoded.push({ id, logprob: null, start: 0, end: 0 });
    clear(decode(false));
  }
  waiting = [];
  hidden = '';
  shownLength = decodedLength;

  return {
    push(id, logprob) {
      undecoded.push({ id, logprob, start: 0, end: 0 });
      const stopped = clear(decode(false));
      return { delta: show(stopped), stopped };
    },
    flush() {
      const stopped = clear(decode(true), true);
      return { delta: show(stopped), stopped };
    },
    get shownTokens() {
      return shownTokens;
    },
  };
}

/** The text that tokens at the beginning of an answer are shown as. */
export function textOfTokens(
  detokenize: (tokens: readonly number[], before: readonly number[]) => string,
  tokenIds: readonly number[],
): string {
  const assembler = createTokenAssembler(detokenize, []);
  const texts = tokenIds.map((id) => assembler.push(id, null).delta?.text ?? '');
  return texts.join('') + (assembler.flush().delta?.text ?? '');
}
