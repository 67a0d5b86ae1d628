/** The entry of the page's worker, where everything is computed. */
import './buffer-in-browsers.ts';
import { CairnError, createPureCrypto, formatAmount, hexToBytes, type Logger } from '@cairn/core';
import type { RunView, Timer } from '@cairn/protocol';
import { type AccountClient, createAccountClient, createRunLedger, fetchParameters } from '@cairn/sdk';
import { TrainingError } from '@cairn/training';
import type { EngineUse, FromWorker, RunOffer, ToWorker } from './messages.ts';
import { openDeviceKey } from './worker/device-key.ts';
import { insteadOfWebgpu, useAgain, useEngine } from './worker/engine-offers.ts';
import { enterRun } from './worker/enter-run.ts';
import { findGraphics, type GraphicsPlace } from './worker/graphics.ts';
import { FEES } from './worker/join-run.ts';
import { createBrowserLibrary, openBrowserRecords } from './worker/library.ts';
import { connectNode } from './worker/node-client.ts';
import { listOffers } from './worker/runs.ts';
import { sendMoney } from './worker/send-money.ts';
import { type Session, startSession } from './worker/session.ts';
import { openStore } from './worker/store.ts';
import { createWorkLog, type WorkLog } from './worker/work-log.ts';

const JOINED = 'joined';
const ENGINE = 'engine/';
/** How often the page is told, and the ledger asked for pay. */
const TELL_MS = 500;
const PAY_MS = 3_000;

const clock = { nowMs: () => Date.now() };
const timer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(() => void action(), delayMs);
    return () => clearTimeout(handle);
  },
};
const log: Logger = {
  error: (message, data) => console.error(message, data),
  warn: (message, data) => console.warn(message, data),
  info: (message, data) => console.info(message, data),
  debug: () => undefined,
  child: () => log,
};
const tell = (message: FromWorker) => postMessage(message);

const crypto = createPureCrypto();
/** What TypeScript does not know of workers yet. */
const device = globalThis as unknown as GraphicsPlace & { readonly navigator: { deviceMemory?: number } };
let isHidden = false;
/** Between a click and the end of its work: a second click does nothing. */
let isBusy = false;
/** What is under way; null before its weights are here. */
let current: { readonly session: Session; readonly journal: WorkLog } | null = null;
/** Ends what is under way. */
let over = new AbortController();

async function open() {
  const store = await openStore('cairn-train');
  const node = await connectNode();
  const signer = await openDeviceKey(store);
  const client: AccountClient = createAccountClient({ crypto, signer, ledger: node.ledger });
  const ledger = createRunLedger({ crypto, client, ledger: node.ledger });
  return {
    ...{ store, node, client, ledger, crypto, clock, log },
    graphics: await findGraphics(device),
    library: createBrowserLibrary(crypto, store, node),
    records: await openBrowserRecords(store),
  };
}
type Desk = Awaited<ReturnType<typeof open>>;
const opening = open();

const offersOf = ({ ledger, node, graphics }: Desk): Promise<RunOffer[]> =>
  listOffers({ reader: ledger, node, graphics, deviceMemory: device.navigator.deviceMemory });

async function showRuns(desk: Desk): Promise<void> {
  try {
    const joined = (await desk.store.get<string>(JOINED)) ?? null;
    tell({ type: 'runs', runs: await offersOf(desk), joined });
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    log.warn('the list of runs is asked for again', { code: error.code });
  }
}

async function list(desk: Desk): Promise<void> {
  const joined = (await desk.store.get<string>(JOINED)) ?? null;
  const runs = await offersOf(desk);
  tell({ type: 'runs', runs, joined });
  const again = runs.find(({ id }) => id === joined);
  if (again === undefined) return;
  const known = (await desk.store.get<EngineUse>(ENGINE + again.id)) ?? null;
  await work(desk, again, useAgain(again.engines, known));
}

async function join(desk: Desk, wanted: Extract<ToWorker, { type: 'join' }>): Promise<void> {
  const offer = (await offersOf(desk)).find(({ id }) => id === wanted.run);
  if (offer === undefined) return list(desk);
  // Before anything is bonded, unless the person says otherwise.
  if (offer.shortage !== null && !wanted.isShortageAccepted) return;
  await work(desk, offer, useEngine(offer.engines, wanted.engine));
}

/** Joins, or goes on, until the run ends or the person stops it. Where WebGPU breaks, wasm goes on. */
async function work(desk: Desk, offer: RunOffer, first: EngineUse): Promise<void> {
  const { store, ledger, library } = desk;
  if (isBusy) return;
  isBusy = true;
  over = new AbortController();
  const journal = createWorkLog(offer.id, {
    tokensPerStep: offer.tokensPerStep,
    receivedBytes: () => library.receivedBytes,
    clock,
  });
  const telling = setInterval(() => tell({ type: 'work', work: journal.state() }), TELL_MS);
  try {
    const run = await ledger.run(hexToBytes(offer.id));
    if (run === null) return;
    const known = (await store.get<EngineUse>(ENGINE + offer.id)) ?? null;
    const broken = await workWith(desk, run, { offer, known, first }, journal);
    if (broken !== null) {
      // Not kept: drivers fail when a device sleeps, and are there again when the page is loaded again.
      const reason = `it failed, and is tried again when the page is loaded again (${broken})`;
      const wasm = insteadOfWebgpu(offer.engines, reason);
      await workWith(desk, run, { offer, known: wasm, first: wasm }, journal);
    }
    journal.phase('stopped');
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    journal.phase('failed', error.message);
  } finally {
    isBusy = false;
    clearInterval(telling);
    tell({ type: 'work', work: journal.state() });
  }
}

interface Choice {
  readonly offer: RunOffer;
  /** The engine that was tried before; null: none. */
  readonly known: EngineUse | null;
  readonly first: EngineUse;
}

/** @returns why WebGPU broke in the middle of the work; null: the work is over */
async function workWith(
  desk: Desk,
  run: RunView,
  { offer, known, first }: Choice,
  journal: WorkLog,
): Promise<string | null> {
  const { store, node, client, ledger, library, records } = desk;
  const entered = await enterRun(
    {
      ...{ crypto, clock, log, ledger, library, node, client, known },
      offers: offer.engines,
      signal: over.signal,
      onStep(step, engine) {
        journal.engine(engine);
        journal.phase(step);
      },
    },
    run,
    first,
  );
  if (entered === null) return null;
  await using opened = entered.desk;
  await store.set(JOINED, offer.id);
  if (entered.engine !== known) await store.set(ENGINE + offer.id, entered.engine);
  await showRuns(desk);
  let shownRound = run.round;
  const { slotMs } = await fetchParameters(node.ledger);
  const session = startSession(
    {
      ...{ timer, log, node, library, records, ledger, desk: opened, account: client.account },
      slotMs: Number(slotMs),
      onProgress: journal.progress,
      onView(view) {
        journal.view(view);
        if (view.run.round === shownRound) return;
        shownRound = view.run.round;
        void showRuns(desk);
      },
      onSent: journal.sent,
      onRest: () => journal.phase('paused'),
    },
    run,
  );
  current = { session, journal };
  rest();
  await refreshPay(desk, run, journal);
  const paying = setInterval(() => void refreshPay(desk, run, journal), PAY_MS);
  try {
    await session.ended;
    return null;
  } catch (error) {
    const isBroken = error instanceof TrainingError && error.code === 'ENGINE_FAILED';
    if (!isBroken || entered.engine.name === 'wasm') throw error;
    return error.message;
  } finally {
    current = null;
    clearInterval(paying);
  }
}

async function refreshPay({ ledger, client }: Desk, run: RunView, journal: WorkLog): Promise<void> {
  try {
    await journal.refresh(ledger, run.id, await ledger.seat(run.id, client.account));
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    log.warn('what was paid is asked for again', { code: error.code });
  }
}

/** Lets the work rest while nobody looks, and go on when somebody does. */
function rest(): void {
  if (current === null) return;
  const { session, journal } = current;
  session.hide(isHidden);
  if (!isHidden && journal.state().phase === 'paused') journal.phase('waiting');
}

async function stop(desk: Desk): Promise<void> {
  const { store, ledger, client } = desk;
  const joined = await store.get<string>(JOINED);
  await store.delete(JOINED);
  over.abort();
  current?.session.stop();
  if (joined !== undefined) await ledger.leave(hexToBytes(joined), client.account);
  await list(desk);
}

/** Tells what this browser has that it can spend, after it sent that away when it was told to. */
async function money(desk: Desk, to: string | null): Promise<void> {
  const { client } = desk;
  try {
    const note = to === null ? '' : await sendAway(desk, to);
    tell({ type: 'money', address: client.address, spendable: (await client.spendable()).toString(), note });
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    log.warn('what this browser has is asked for again', { code: error.code });
  }
}

/** @returns what became of it, in words */
async function sendAway({ client, store }: Desk, to: string): Promise<string> {
  const isSeated = (await store.get<string>(JOINED)) !== undefined;
  try {
    const sent = await sendMoney(client, to, isSeated ? FEES : 0n);
    return `${formatAmount(sent)} CAIRN were sent to ${to}.`;
  } catch (error) {
    if (error instanceof CairnError) return error.message;
    throw error;
  }
}

async function obey(message: ToWorker): Promise<void> {
  if (message.type === 'hidden') {
    isHidden = message.isHidden;
    rest();
  } else if (message.type === 'list') await list(await opening);
  else if (message.type === 'stop') await stop(await opening);
  else if (message.type === 'money') await money(await opening, message.to);
  else await join(await opening, message);
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  obey(data).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    tell({ type: 'failed', reason });
  });
});
