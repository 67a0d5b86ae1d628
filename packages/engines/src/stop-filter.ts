export interface StopFilter {
  /** Takes more text and gives back what may be shown now. After a stop text was met, nothing more is given. */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** Gives back what was held because it could still have become a stop text. */
  flush(): string;
}

/**
 * Cuts text at the first stop text, and holds back any tail that may still turn out to be the beginning
 * of one, so that no part of a stop text is ever shown, however it is split over pushes.
 */
export function createStopFilter(stops: readonly string[]): StopFilter {
  const wanted = stops.filter((stop) => stop.length > 0);
  let held = '';
  let stopped = false;
  return {
    push(text) {
      if (stopped) return { text: '', stopped };
      held += text;
      const cut = firstIndexOfAny(held, wanted);
      stopped = cut >= 0;
      const showLength = stopped ? cut : held.length - lengthOfPossibleStop(held, wanted);
      const shown = held.slice(0, showLength);
      held = stopped ? '' : held.slice(showLength);
      return { text: shown, stopped };
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function firstIndexOfAny(text: string, stops: readonly string[]): number {
  let first = -1;
  for (const stop of stops) {
    const index = text.indexOf(stop);
    if (index >= 0 && (first < 0 || index < first)) first = index;
  }
  return first;
}

function lengthOfPossibleStop(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
