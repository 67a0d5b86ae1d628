import type { DeltaFrame, InferBody, ServerFrame } from '@cairn/protocol';

/** Says what is wrong with a frame that a provider sent; null when nothing is. */
export interface StreamWatch {
  /** `isCancelled`: this side has said that it wants no more. */
  check(frame: ServerFrame, isCancelled: boolean): string | null;
}

/** Frames in a row without a token, which keep a stream alive and move nothing. */
const MOST_EMPTY_FRAMES = 16;
/** The longest tokens of common vocabularies are runs of some hundred spaces. */
const MOST_CHARACTERS_PER_TOKEN = 1_024;
/** Text of one answer: ten large images fit. */
const MOST_CHARACTERS = 64 * 1024 * 1024;
/** Tokens that may be under way when a cancel is sent: the largest tranche. */
const MOST_TOKENS_AFTER_CANCEL = 256;

/** Watches the frames behind the terms: a stranger's stream must move, count right and come to an end. */
export function createStreamWatch({
  endpoint,
  params: { maxTokens },
}: Pick<InferBody, 'endpoint' | 'params'>): StreamWatch {
  // A task counts in units that its request fixes, not in tokens of its text, which may be an image.
  const isText = endpoint !== 'task';
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
    // Frames that count nothing are not paid, so something else has to bound them.
    if (mine === 0 && text === '') return 'It sent a frame with nothing in it.';
    if (characters > MOST_CHARACTERS) return `It sent more than ${MOST_CHARACTERS} characters.`;
    emptyFrames = mine === 0 ? emptyFrames + 1 : 0;
    if (isCancelled) tokensAfterCancel += mine;
    if (isText && tokenIds === null && tokens > 3 * characters + 16) {
      return `It counts ${tokens} tokens for ${characters} characters.`;
    }
    if (isText && characters > MOST_CHARACTERS_PER_TOKEN * (tokens + 1)) {
      return `It sent ${characters} characters for ${tokens} tokens.`;
    }
    if (isText && emptyFrames > MOST_EMPTY_FRAMES) return `It sent ${emptyFrames} frames without a token.`;
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
