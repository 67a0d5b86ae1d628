import { describe, expect, it } from 'vitest';
import { watchStateSync } from '../../src/comet/state-sync.ts';
import { createManualTime } from '../../src/index.ts';
import { aLogger } from '../parts.ts';

function aWatch(patienceMs: number) {
  const time = createManualTime(0);
  const seen = { received: 0, none: 0 };
  const watch = watchStateSync(
    {
      ...{ clock: time.clock, timer: time.timer, logger: aLogger() },
      received: () => seen.received,
      onNone: async () => {
        seen.none += 1;
      },
    },
    patienceMs,
  );
  return { time, seen, watch };
}

describe('waiting for a snapshot', () => {
  it('ends once, when nothing came for as long as it has patience', async () => {
    const { time, seen } = aWatch(5_000);
    await time.advance(4_000);
    expect(seen.none).toBe(0);
    await time.advance(2_000);
    expect(seen.none).toBe(1);
    await time.advance(20_000);
    expect(seen.none).toBe(1);
  });

  it('goes on while pieces come, and ends with the node', async () => {
    const { time, seen, watch } = aWatch(5_000);
    for (let piece = 1; piece <= 6; piece++) {
      seen.received = piece;
      await time.advance(4_000);
    }
    expect(seen.none).toBe(0);
    watch.stop();
    await time.advance(60_000);
    expect(seen.none).toBe(0);
  });
});
