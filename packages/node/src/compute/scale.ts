/** What is known when it is decided how many instances there should be. */
export interface ScaleFacts {
  readonly nowMs: number;
  /** Calls that run or wait, averaged over the window. */
  readonly load: number;
  /** Calls that wait now. */
  readonly queued: number;
  /** Instances that run a call, that are ready for one, and that are being started. */
  readonly busy: number;
  readonly starting: number;
  /** Since when each ready instance has had no call, in milliseconds, oldest first. */
  readonly idleSinceMs: readonly number[];
}

export interface ScaleRules {
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Share of an instance's time that it should be busy. @default 0.7 */
  readonly utilisation?: number;
  /** An instance without a call for this long ends. @default 30_000 */
  readonly idleMs?: number;
}

export interface ScaleDecision {
  readonly start: number;
  readonly stop: number;
}

/**
 * How many instances to start and to stop. Up at once, by measured load: the mean number of calls in the window over
 * the wanted utilisation, and at least one while a call waits. Down one idle time after the last call, so that a
 * pause between two calls costs no cold start.
 */
export function decideScale(facts: ScaleFacts, rules: ScaleRules): ScaleDecision {
  const { utilisation = 0.7, idleMs = 30_000, minInstances, maxInstances } = rules;
  const { busy, starting, queued, idleSinceMs } = facts;
  const there = busy + starting + idleSinceMs.length;
  const measured = Math.ceil(facts.load / utilisation - 1e-9);
  const wanted = Math.min(
    maxInstances,
    Math.max(minInstances, queued > 0 ? 1 : 0, Math.min(measured, busy + queued)),
  );
  if (wanted > there) return { start: wanted - there, stop: 0 };
  const resting = idleSinceMs.filter((since) => facts.nowMs - since >= idleMs).length;
  return { start: 0, stop: queued > 0 ? 0 : Math.min(resting, Math.max(0, there - minInstances)) };
}

/** Mean number of calls over the last `windowMs`. */
export interface LoadMeter {
  /** From now on there are so many. */
  set(calls: number): void;
  read(): number;
}

/** @param nowMs the clock, in milliseconds. */
export function createLoadMeter(nowMs: () => number, windowMs: number): LoadMeter {
  const begun = nowMs();
  /** How many there were from a moment on, oldest first; the first may lie before the window. */
  let steps: { atMs: number; calls: number }[] = [{ atMs: begun, calls: 0 }];

  function trim(now: number): void {
    const next = steps.findIndex(({ atMs }, index) => index > 0 && atMs > now - windowMs);
    if (next > 1) steps = steps.slice(next - 1);
    else if (next < 0) steps = steps.slice(-1);
  }

  return {
    set(calls) {
      const now = nowMs();
      const last = steps.at(-1)!;
      if (last.atMs === now) last.calls = calls;
      else steps.push({ atMs: now, calls });
      trim(now);
    },
    read() {
      const now = nowMs();
      trim(now);
      const from = now - windowMs;
      let area = 0;
      for (const [index, { atMs, calls }] of steps.entries()) {
        const until = steps[index + 1]?.atMs ?? now;
        area += calls * Math.max(0, until - Math.max(atMs, from));
      }
      return area / windowMs;
    },
  };
}
