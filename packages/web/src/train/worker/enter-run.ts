import type { RunLedger, RunView } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { type RunDesk, rehearseRun, TrainingError } from '@cairn/training';
import { WebError } from '../../errors.ts';
import type { EngineOffer, EngineUse } from '../messages.ts';
import { type BrowserDeskParts, openBrowserDesk } from './desk.ts';
import { insteadOfWebgpu } from './engine-offers.ts';
import { bringMoney, takeSeat } from './join-run.ts';
import type { NodeClient } from './node-client.ts';

export interface EnterParts extends BrowserDeskParts {
  readonly ledger: RunLedger;
  readonly node: NodeClient;
  readonly client: AccountClient;
  readonly offers: readonly EngineOffer[];
  /** The engine that this browser used in this run before; null: none. */
  readonly known: EngineUse | null;
  /** Ends it before the bond is put up. */
  readonly signal: AbortSignal;
  /** Told what is being done, and with which engine. */
  readonly onStep: (step: 'fetching' | 'rehearsing', engine: EngineUse) => void;
}

export interface EnteredRun {
  readonly desk: RunDesk;
  readonly engine: EngineUse;
}

/**
 * Opens a run with an engine and takes a seat in it, unless this browser has one. An engine that this browser did not
 * use in it before is tried against another first; where WebGPU does not come through that, wasm is taken.
 *
 * @returns null when it was called off; nothing is bonded then
 * @throws WebError `MONEY_MISSING`, `RUN_UNFIT` when no engine of this browser is for the run; TrainingError
 */
export async function enterRun(
  parts: EnterParts,
  run: RunView,
  first: EngineUse,
): Promise<EnteredRun | null> {
  const { node, client, ledger, known, signal } = parts;
  const isSeated = (await ledger.seat(run.id, client.account)) !== null;
  if (!isSeated) await bringMoney(node, client, run);
  let engine = first;
  let opened = await tryEngine(parts, run, engine, !isSeated || known?.what !== engine.what);
  if (typeof opened === 'string' && engine.name === 'webgpu') {
    engine = insteadOfWebgpu(parts.offers, opened);
    opened = await tryEngine(parts, run, engine, !isSeated);
  }
  if (typeof opened === 'string')
    throw new WebError(
      { code: 'RUN_UNFIT', reason: opened },
      `This browser would be convicted in this run: ${opened}. Nothing was bonded. Train it with ./cairn train join.`,
    );
  if (signal.aborted) {
    await opened[Symbol.asyncDispose]();
    return null;
  }
  if (!isSeated) await takeSeat(node, client, ledger, run);
  return { desk: opened, engine };
}

/** @returns the run, opened; or why this engine cannot be used for it */
async function tryEngine(
  parts: EnterParts,
  run: RunView,
  engine: EngineUse,
  isRehearsed: boolean,
): Promise<RunDesk | string> {
  parts.onStep('fetching', engine);
  try {
    const desk = await openBrowserDesk(parts, run, engine.name);
    if (!isRehearsed || desk.manifest.tolerance === undefined) return desk;
    parts.onStep('rehearsing', engine);
    const reason = await rehearseRun(desk, run).catch(async (error: unknown) => {
      await desk[Symbol.asyncDispose]();
      throw error;
    });
    if (reason === null) return desk;
    await desk[Symbol.asyncDispose]();
    return reason;
  } catch (error) {
    if (!(error instanceof TrainingError) || error.code !== 'ENGINE_FAILED') throw error;
    return error.message;
  }
}
