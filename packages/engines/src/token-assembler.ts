import type { TokenLogprob } from '@cairn/protocol';
import { createStopFilter } from './stop-filter.ts';

/** Text that may be shown, with the tokens whose text has been shown in full. */
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
 * Turns tokens into text: waits until the bytes of a character are complete, applies the stop texts, and
 * hands each token over with the last of its text. A token that lies wholly inside a stop text is dropped.
 *
 * @param detokenize text of `tokens`, given the tokens before them; incomplete bytes read as U+FFFD.
 */
export function createTokenAssembler(
  detokenize: (tokens: readonly number[], before: readonly number[]) => string,
  stops: readonly string[],
): TokenAssembler {
  const filter = createStopFilter(stops);
  let undecoded: WaitingToken[] = [];
  let waiting: WaitingToken[] = [];
  let recent: number[] = [];
  let decodedLength = 0;
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
    return text;
  }

  function show(text: string, stopped: boolean): AssembledDelta | null {
    shownLength += text.length;
    const ready = waiting.filter((token) => (stopped ? token.start < shownLength : token.end <= shownLength));
    waiting = stopped ? [] : waiting.slice(ready.length);
    shownTokens += ready.length;
    if (text === '' && ready.length === 0) return null;
    const logprobs = ready.flatMap((token) => (token.logprob === null ? [] : [token.logprob]));
    return {
      text,
      tokenIds: ready.map((token) => token.id),
      logprobs: logprobs.length === 0 ? null : logprobs,
    };
  }

  return {
    push(id, logprob) {
      undecoded.push({ id, logprob, start: 0, end: 0 });
      const shown = filter.push(decode(false));
      return { delta: show(shown.text, shown.stopped), stopped: shown.stopped };
    },
    flush() {
      const shown = filter.push(decode(true));
      const rest = shown.stopped ? '' : filter.flush();
      return { delta: show(shown.text + rest, shown.stopped), stopped: shown.stopped };
    },
    get shownTokens() {
      return shownTokens;
    },
  };
}
