import type { Screen } from '../terminal/terminal.ts';
import { cutToWidth } from '../terminal/width.ts';

/** Lines at the bottom of a terminal that are drawn over in place. */
export interface LivePanel {
  draw(lines: readonly string[]): void;
  /** Writes lines above the panel, to stay. */
  say(line: string): void;
  /** Leaves the last drawing on the screen and gives the cursor back. */
  end(): void;
}

export function createLivePanel(screen: Screen): LivePanel {
  let drawn: readonly string[] = [];
  const clear = () => (drawn.length === 0 ? '' : `\x1b[${drawn.length}A\r\x1b[J`);
  screen.write('\x1b[?25l');

  function draw(lines: readonly string[]): void {
    const fitting = lines
      .slice(0, Math.max(1, screen.rows - 1))
      .map((line) => cutToWidth(line, Math.max(1, screen.columns - 1)));
    screen.write(`${clear()}${fitting.map((line) => `${line}\n`).join('')}`);
    drawn = fitting;
  }

  return {
    draw,
    say(line) {
      const lines = drawn;
      screen.write(`${clear()}${line}\n`);
      drawn = [];
      draw(lines);
    },
    end() {
      screen.write('\x1b[?25h');
    },
  };
}
