import { formatBytes, formatBytesOf, formatCount, formatDuration } from './format.ts';
import type { Screen } from './terminal.ts';
import { cutToWidth } from './width.ts';

export interface ProgressOptions {
  /** What is going on, in a word or two: `download`. */
  readonly what: string;
  readonly unit: 'bytes' | string;
}

export interface Progress {
  /** @param total null while it is unknown. */
  update(done: number, total: number | null): void;
  /** Takes the bar off the screen. */
  end(): void;
}

const SHOWS_AFTER_MS = 1000;
const REDRAWS_EVERY_MS = 100;
const BAR_WIDTH = 10;

/**
 * Progress on standard error: a bar on a terminal, shown once the work has taken a second; without one, a
 * plain line for each tenth of it.
 */
export function createProgress(screen: Screen, nowMs: () => number, options: ProgressOptions): Progress {
  const startMs = nowMs();
  let drawnMs = startMs;
  let isDrawn = false;
  let tenth = 0;

  function line(done: number, total: number | null): string {
    const perMs = done / Math.max(1, nowMs() - startMs);
    const parts = [quantity(done, total)];
    if (perMs > 0) parts.push(`${quantity(perMs * 1000, null)}/s`);
    if (perMs > 0 && total !== null && total > done) parts.push(formatDuration((total - done) / perMs));
    return parts.join('  ');
  }

  function quantity(done: number, total: number | null): string {
    if (options.unit === 'bytes') return total === null ? formatBytes(done) : formatBytesOf(done, total);
    const count = formatCount(Math.floor(done));
    return `${total === null ? count : `${count}/${formatCount(total)}`} ${options.unit}`;
  }

  return {
    update(done, total) {
      if (!screen.isLive) {
        const reached = total === null || total === 0 ? 0 : Math.floor((done / total) * 10);
        if (reached <= tenth) return;
        tenth = reached;
        screen.write(`${options.what}  ${reached * 10} %  ${line(done, total)}\n`);
        return;
      }
      const now = nowMs();
      if (now - startMs < SHOWS_AFTER_MS || (isDrawn && now - drawnMs < REDRAWS_EVERY_MS)) return;
      drawnMs = now;
      isDrawn = true;
      const filled =
        total === null || total === 0 ? 0 : Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
      const bar = total === null ? '' : `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}  `;
      screen.write(
        `\r\x1b[2K${cutToWidth(`${options.what}  ${bar}${line(done, total)}`, screen.columns - 1)}`,
      );
    },
    end() {
      if (isDrawn) screen.write('\r\x1b[2K');
      isDrawn = false;
    },
  };
}
