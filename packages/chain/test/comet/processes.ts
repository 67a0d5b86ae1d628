import { readdirSync, readFileSync } from 'node:fs';

/** Processes whose command line has all these words. */
export function processesWith(...words: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.every((word) => line.includes(word));
      } catch {
        // Gone since it was listed.
        return false;
      }
    });
}

/** Waits for something that other processes do. @param seconds until it is an error */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  seconds = 30,
): Promise<void> {
  const deadlineMs = Date.now() + seconds * 1_000;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`not in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
