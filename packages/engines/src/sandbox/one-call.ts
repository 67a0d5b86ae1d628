import type { SandboxInstance } from '@cairn/protocol';
import { EngineError } from '../errors.ts';

/** How an instance runs its calls, and until when. */
export interface CallRunner {
  readonly run: SandboxInstance['run'];
  readonly isAlive: () => boolean;
  /** What it runs in, such as `thread`. */
  readonly place: string;
}

/** One call at a time, while the instance lives. The function throws EngineError `SANDBOX_BUSY` for all others. */
export function oneCallAtATime({ run, isAlive, place }: CallRunner): SandboxInstance['run'] {
  let isBusy = false;
  return async (call) => {
    if (isBusy || !isAlive()) {
      const reason = isBusy ? 'it runs another call' : `its ${place} has ended`;
      throw new EngineError(
        { code: 'SANDBOX_BUSY', reason },
        `This instance takes no call: ${reason}. Use another.`,
      );
    }
    isBusy = true;
    try {
      return await run(call);
    } finally {
      isBusy = false;
    }
  };
}
