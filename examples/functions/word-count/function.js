/**
 * Counts words: the most frequent first, ties by the alphabet.
 *
 * @param request `text` is what was sent
 * @returns an object, which is answered as JSON
 */
export function handle({ text }) {
  const counts = new Map();
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  console.log(`counted ${ranked.length} different words`);
  return { words: ranked.reduce((sum, [, n]) => sum + n, 0), most: ranked.slice(0, 5) };
}
