/** The entry of the page's worker, where everything is computed. */
import './buffer-in-browsers.ts';
import { bytesToHex, CairnError, createPureCrypto, hexToBytes, type Logger } from '@cairn/core';
import type { RunView, Timer } from '@cairn/protocol';
import { decodeRunManifest } from '@cairn/protocol';
import { type AccountClient, createAccountClient, createRunLedger, fetchParameters } from '@cairn/sdk';
import type { FromWorker, ToWorker } from './messages.ts';
import { openDeviceKey } from './worker/device-key.ts';
import { joinRun } from './worker/join-run.ts';
import { createBrowserLibrary, openBrowserRecords } from './worker/library.ts';
import { connectNode } from './worker/node-client.ts';
import { listOffers } from './worker/runs.ts';
import { type Session, startSession } from './worker/session.ts';
import { openStore } from './worker/store.ts';
import { createWorkLog, type WorkLog } from './worker/work-log.ts';

const JOINED = 'joined';
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
let isHidden = false;
/** Between a click and the end of its work: a second click does nothing. */
let isBusy = false;
/** What is under way; null before its weights are here. */
let current: { readonly session: Session; readonly journal: WorkLog } | null = null;

async function open() {
  const store = await openStore('cairn-train');
  const node = await connectNode();
  const signer = await openDeviceKey(store);
  const client: AccountClient = createAccountClient({ crypto, signer, ledger: node.ledger });
  const ledger = createRunLedger({ crypto, client, ledger: node.ledger });
  return {
    ...{ store, node, client, ledger },
    library: createBrowserLibrary(crypto, store, node),
    records: await openBrowserRecords(store),
  };
}
type Desk = Awaited<ReturnType<typeof open>>;
const opening = open();

async function list({ store, ledger, node }: Desk): Promise<void> {
  const joined = (await store.get<string>(JOINED)) ?? null;
  const runs = await listOffers(ledger, node);
  tell({ type: 'runs', runs, joined });
  if (joined !== null && !isBusy && runs.some(({ id }) => id === joined)) await work(await opening, joined);
}

/** Joins, or goes on, until the run ends or the person stops it. */
async function work(desk: Desk, id: string): Promise<void> {
  const { store, node, client, ledger, library, records } = desk;
  isBusy = true;
  let tokensPerStep = 0;
  const journal = createWorkLog(
    id,
    () => tokensPerStep,
    () => library.receivedBytes,
  );
  const telling = setInterval(() => tell({ type: 'work', work: journal.state() }), TELL_MS);
  let paying: ReturnType<typeof setInterval> | undefined;
  try {
    const run = await ledger.run(hexToBytes(id));
    if (run === null) return;
    await joinRun(node, client, ledger, run);
    await store.set(JOINED, id);
    tell({ type: 'runs', runs: await listOffers(ledger, node), joined: id });
    journal.phase('fetching');
    const { slotMs } = await fetchParameters(node.ledger);
    const session = await startSession(
      {
        ...{ crypto, clock, timer, log, node, library, records, ledger, account: client.account },
        slotMs: Number(slotMs),
        onProgress: journal.progress,
        onView: journal.view,
        onSent: journal.sent,
        onRest: () => journal.phase('paused'),
      },
      run,
    );
    tokensPerStep = await tokensOf(desk, run);
    current = { session, journal };
    rest();
    paying = setInterval(() => void refreshPay(desk, run, journal), PAY_MS);
    await session.ended;
    journal.phase('stopped');
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    journal.phase('failed', error.message);
  } finally {
    isBusy = false;
    current = null;
    clearInterval(telling);
    clearInterval(paying);
    tell({ type: 'work', work: journal.state() });
  }
}

async function tokensOf({ library }: Desk, run: RunView): Promise<number> {
  const bytes = await library.get(bytesToHex(run.manifest));
  if (bytes === null) return 0;
  const { batch } = decodeRunManifest(bytes);
  return batch.rows * batch.length;
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

async function stop({ store, ledger, client }: Desk): Promise<void> {
  const joined = await store.get<string>(JOINED);
  await store.delete(JOINED);
  current?.session.stop();
  if (joined !== undefined) await ledger.leave(hexToBytes(joined), client.account);
  await list(await opening);
}

async function obey(message: ToWorker): Promise<void> {
  if (message.type === 'hidden') {
    isHidden = message.isHidden;
    rest();
  } else if (message.type === 'list') await list(await opening);
  else if (message.type === 'stop') await stop(await opening);
  else if (!isBusy) await work(await opening, message.run);
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  obey(data).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    tell({ type: 'failed', reason });
  });
});
