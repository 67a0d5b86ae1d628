import type { Timer } from '@cairn/protocol';

/** Timers of this process. They do not keep it alive by themselves. */
export const systemTimer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(() => void action(), delayMs);
    handle.unref();
    return () => clearTimeout(handle);
  },
};
