import { SdkError } from '@cairn/sdk';

/** How long a provider may take to see a lease that the ledger has: a block, and a look at it. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 250;

/**
 * Calls again while a provider says that it does not run what it has a lease for: one elsewhere hears of a new lease
 * later than its tenant. Nothing is paid for a call that was refused so.
 *
 * @param call made anew each time, since a provider answers each request once
 */
export async function callPatiently<T>(
  { nowMs, pause }: { readonly nowMs: () => number; readonly pause: (ms: number) => Promise<void> },
  call: () => Promise<T>,
): Promise<T> {
  const untilMs = nowMs() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isUnknownYet(error) || nowMs() >= untilMs) throw error;
      await pause(AGAIN_MS);
    }
  }
}

const isUnknownYet = (error: unknown): boolean =>
  error instanceof SdkError &&
  error.problem.code === 'PROVIDER_REFUSED' &&
  error.problem.refusal === 'DEPLOYMENT_UNKNOWN';
