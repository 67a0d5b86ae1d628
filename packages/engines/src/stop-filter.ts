export interface StopFilter {
  /** Takes more text and gives back what may be shown now. After a stop text was met, nothing more is given. */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** Gives back what was held because it could still have become a stop text. */
  flush(): string;
}

/**
 * Cuts text at the stop text that is complete first, and holds back any tail that may still turn out to be the
 * beginning of one: what is shown does not depend on how the text is split over pushes.
 */
export function createStopFilter(stops: readonly string[]): StopFilter {
  const wanted = stops.filter((stop) => stop.length > 0);
  let held = '';
  let stopped = false;
  return {
    push(text) {
      if (stopped) return { text: '', stopped };
      held += text;
      const cut = firstCut(held, wanted);
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

/** Where the stop text begins that is complete first; the longest of those that end together. */
function firstCut(text: string, stops: readonly string[]): number {
  let cut = -1;
  let cutEnd = Number.POSITIVE_INFINITY;
  for (const stop of stops) {
    const index = text.indexOf(stop);
    const end = index + stop.length;
    if (index < 0 || end > cutEnd || (end === cutEnd && index > cut)) continue;
    cut = index;
    cutEnd = end;
  }
  return cut;
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
