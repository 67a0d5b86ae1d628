import type { DeltaFrame, ServerFrame } from '@cairn/protocol';

/** Says what is wrong with a frame that a provider sent; null when nothing is. */
export interface StreamWatch {
  /** `isCancelled`: this side has said that it wants no more. */
  check(frame: ServerFrame, isCancelled: boolean): string | null;
}

/** Frames in a row without a token, which keep a stream alive and move nothing. */
const MOST_EMPTY_FRAMES = 16;
/** The longest tokens of common vocabularies are runs of some hundred spaces. */
const MOST_CHARACTERS_PER_TOKEN = 1_024;
/** Tokens that may be under way when a cancel is sent: the largest tranche. */
const MOST_TOKENS_AFTER_CANCEL = 256;

/** Watches the frames behind the terms: a stranger's stream must move, count right and come to an end. */
export function createStreamWatch(maxTokens: number): StreamWatch {
  let tokens = 0;
  let characters = 0;
  let emptyFrames = 0;
  let tokensAfterCancel = 0;
  let hasUsage = false;

  function checkDelta({ tokenIds, tokens: mine, text }: DeltaFrame, isCancelled: boolean): string | null {
    if (tokenIds !== null && tokenIds.length !== mine) {
      return `It counts ${mine} tokens for ${tokenIds.length} ids.`;
    }
    if (hasUsage) return 'It sent tokens after it had counted them.';
    tokens += mine;
    characters += text.length;
    emptyFrames = mine === 0 ? emptyFrames + 1 : 0;
    if (isCancelled) tokensAfterCancel += mine;
    if (tokenIds === null && tokens > 3 * characters + 16) {
      return `It counts ${tokens} tokens for ${characters} characters.`;
    }
    if (characters > MOST_CHARACTERS_PER_TOKEN * (tokens + 1)) {
      return `It sent ${characters} characters for ${tokens} tokens.`;
    }
    if (emptyFrames > MOST_EMPTY_FRAMES) return `It sent ${emptyFrames} frames without a token.`;
    if (tokens > maxTokens) return `It sent more than the ${maxTokens} tokens that were asked for.`;
    if (tokensAfterCancel > MOST_TOKENS_AFTER_CANCEL) return 'It goes on although it was told to stop.';
    return null;
  }

  return {
    check(frame, isCancelled) {
      if (frame.type === 'accepted') return 'It sent its terms twice.';
      if (frame.type === 'delta') return checkDelta(frame, isCancelled);
      if (frame.type !== 'usage') return null;
      if (hasUsage) return 'It sent its usage twice.';
      hasUsage = true;
      return null;
    },
  };
}
