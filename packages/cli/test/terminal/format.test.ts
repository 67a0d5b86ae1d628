import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatBytesOf,
  formatCairn,
  formatDuration,
  formatPercent,
  shorten,
} from '../../src/terminal/format.ts';

describe('formats', () => {
  it('writes CAIRN with thousands apart, rounded down', () => {
    expect(formatCairn(1_234_567_999_999_999n, 4)).toBe('1,234,567.9999');
    expect(formatCairn(999n, 4)).toBe('0.0000');
    expect(formatCairn(-1_500_000_000n, 1)).toBe('-1.5');
    expect(formatCairn(21_000_000n * 1_000_000_000n, 0)).toBe('21,000,000');
  });

  it('writes sizes in decimal units', () => {
    expect([999, 4_646_592, 2_480_832_000, 123_456_789].map(formatBytes)).toEqual([
      '999 B',
      '4.6 MB',
      '2.5 GB',
      '123 MB',
    ]);
    expect(formatBytesOf(2_100_000_000, 3_000_000_000)).toBe('2.1/3.0 GB');
  });

  it('writes durations as people say them', () => {
    expect([400, 12_000, 200_000, 7_500_000].map(formatDuration)).toEqual([
      '0.4 s',
      '12 s',
      '3 min 20 s',
      '2 h 5 min',
    ]);
  });

  it('writes shares and shortens ids', () => {
    expect(formatPercent(0.482)).toBe('48.20 %');
    expect(shorten(`cairn1${'q'.repeat(52)}abcdef`)).toBe('cairn1qqqqqq…abcdef');
  });
});
