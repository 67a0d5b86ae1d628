import { SdkError } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { callPatiently } from '../../src/compute/patient-call.ts';

const refusedWith = (refusal: 'DEPLOYMENT_UNKNOWN' | 'BUSY') =>
  new SdkError({ code: 'PROVIDER_REFUSED', provider: 'p', refusal }, refusal);

/** A provider that refuses some calls, and a clock that waiting moves. */
function aCall(refusals: number, error: Error) {
  let [now, calls] = [0, 0];
  const parts = {
    nowMs: () => now,
    pause: async (ms: number) => {
      now += ms;
    },
  };
  const outcome = callPatiently(parts, async () => {
    calls += 1;
    if (calls <= refusals) throw error;
    return 'answer';
  });
  return { outcome, calls: () => calls, now: () => now };
}

describe('callPatiently', () => {
  it('calls again until the provider knows its lease', async () => {
    const { outcome, calls } = aCall(3, refusedWith('DEPLOYMENT_UNKNOWN'));
    expect(await outcome).toBe('answer');
    expect(calls()).toBe(4);
  });

  it('gives up after five seconds', async () => {
    const { outcome, now } = aCall(1_000, refusedWith('DEPLOYMENT_UNKNOWN'));
    await expect(outcome).rejects.toThrow('DEPLOYMENT_UNKNOWN');
    expect(now()).toBe(5_000);
  });

  it('does not call again for any other refusal', async () => {
    const { outcome, calls } = aCall(1, refusedWith('BUSY'));
    await expect(outcome).rejects.toThrow('BUSY');
    expect(calls()).toBe(1);
  });
});
