import { describe, expect, it } from 'vitest';
import { createProgress } from '../../src/terminal/progress.ts';
import { createRecordingTerminal } from '../recording-terminal.ts';

describe('createProgress', () => {
  it('writes one plain line per tenth where there is no terminal', () => {
    const terminal = createRecordingTerminal();
    let nowMs = 0;
    const progress = createProgress(terminal.err, () => nowMs, { what: 'download', unit: 'bytes' });
    for (let done = 0; done <= 1_000_000_000; done += 10_000_000) {
      nowMs += 100;
      progress.update(done, 1_000_000_000);
    }
    progress.end();
    const lines = terminal.printed.err.trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe('download  50 %  0.5/1.0 GB  98.0 MB/s  5.1 s');
  });

  it('draws a bar over itself on a terminal once a second has passed, and wipes it', () => {
    const terminal = createRecordingTerminal({ isLive: true, columns: 80 });
    let nowMs = 0;
    const progress = createProgress(terminal.err, () => nowMs, { what: 'download', unit: 'bytes' });
    nowMs = 900;
    progress.update(100, 1000);
    expect(terminal.printed.err).toBe('');
    nowMs = 2000;
    progress.update(700, 1000);
    expect(terminal.printed.err).toBe('\r\x1b[2Kdownload  ███████░░░  0.7/1.0 KB  350 B/s  0.9 s');
    progress.end();
    expect(terminal.printed.err.endsWith('\r\x1b[2K')).toBe(true);
  });
});
