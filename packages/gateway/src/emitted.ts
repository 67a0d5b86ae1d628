import { hash } from 'node:crypto';
import { type DeltaFrame, joinDeltas } from '@cairn/protocol';

/** What a client has been shown of an answer: exact enough for another provider to go on behind it. */
export interface Emitted {
  /** Ids of the tokens whose text was shown; null when some of them are not known. */
  readonly tokenIds: readonly number[] | null;
  readonly tokens: number;
  /** Nothing waits to be shown. */
  readonly isEmpty: boolean;
  /** SHA-256 of the UTF-8 text that was shown. */
  textHash(): Uint8Array;
  /** Takes what came; gives back what may be shown now. Tokens without text wait for those that bring it. */
  take(delta: DeltaFrame): DeltaFrame | null;
  /** The answer is whole: what still waits. */
  finish(): DeltaFrame | null;
  /** The provider is gone: what waits was never shown and is asked for again. */
  drop(): void;
}

export function createEmitted(): Emitted {
  const tokenIds: number[] = [];
  /** Hashed only when somebody goes on behind them, which is rare. */
  const texts: string[] = [];
  let knowsIds = true;
  let tokens = 0;
  let waiting: DeltaFrame[] = [];

  function show(): DeltaFrame | null {
    const [first, ...rest] = waiting;
    waiting = [];
    if (first === undefined) return null;
    const shown = rest.length === 0 ? first : rest.reduce(joinDeltas, first);
    texts.push(shown.text);
    tokens += shown.tokens;
    if (shown.tokenIds === null) knowsIds = false;
    else for (const id of shown.tokenIds) tokenIds.push(id);
    return shown;
  }

  return {
    get tokenIds() {
      return knowsIds ? tokenIds : null;
    },
    get tokens() {
      return tokens;
    },
    get isEmpty() {
      return waiting.length === 0;
    },
    textHash: () => Uint8Array.from(hash('sha256', texts.join(''), 'buffer')),
    take(delta) {
      waiting.push(delta);
      return delta.text === '' && delta.tokenIds !== null ? null : show();
    },
    finish: show,
    drop() {
      waiting = [];
    },
  };
}
