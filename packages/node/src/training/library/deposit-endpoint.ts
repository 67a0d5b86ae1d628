import type { IncomingMessage, ServerResponse } from 'node:http';
import { CairnError, hexToBytes, type Logger } from '@cairn/core';
import type { PeerName, RecordStore, RoundView, RunReader, Timer } from '@cairn/protocol';
import { holderOf } from '@cairn/training';
import { type HttpHandler, sendJson } from '../../http/server.ts';
import type { Library } from './library.ts';

export interface DepositEndpointParts {
  readonly library: Pick<Library, 'put' | 'show' | 'forget'>;
  /** Remembers what is hidden, so that it is shown although the node was started anew in between. */
  readonly records: RecordStore;
  readonly ledger: Pick<RunReader, 'round'>;
  /** Name among peers under which the library is asked. */
  readonly peer: PeerName;
  readonly timer: Timer;
  readonly log: Logger;
  readonly refuses: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Largest blob that may be left: an update, or a page of what it left unsent. */
const MAX_BYTES = 16 * 2 ** 20;
/** Most hidden blobs that wait for their rounds. */
const MAX_HIDDEN = 4_096;
/** Deposits on their way at a time: each is held in memory. */
const MAX_IN_WORK = 8;
/** How often the rounds of hidden blobs are looked at. */
const LOOK_MS = 1_000;
const HIDDEN = 'library/hidden/';
const QUERY = /^\/blob\?run=([0-9a-f]{64})&round=(\d{1,10})$/;

interface Hidden {
  readonly run: string;
  readonly round: number;
  readonly id: string;
}

/**
 * `PUT /blob?run=…&round=…`: a browser that trains leaves its update here, since nobody can fetch from a browser. It
 * stays hidden until the round shows updates, so that nobody can copy it; then it is shown, whether or not the browser
 * is still there or this node was started anew. `GET /blob` tells the name under which the ledger should list this machine.
 */
export function createDepositEndpoint(parts: DepositEndpointParts): HttpHandler & Disposable {
  const { library, records, ledger, peer, timer, log, refuses } = parts;
  /** By the keys of their records. */
  const hidden = new Map([...records.keys(HIDDEN)].map((key) => [key, parseKey(key)]));
  let inWork = 0;
  let stop: (() => void) | null = null;

  async function keep(run: string, round: number, bytes: Uint8Array): Promise<string> {
    const id = await library.put(holderOf(run, { round, use: 'weights' }), bytes, { isHidden: true });
    const blob = { run, round, id };
    // The record comes after the blob and before the answer: who got none leaves its blob again.
    await records.set(keyOf(blob), Uint8Array.of(1));
    hidden.set(keyOf(blob), blob);
    lookLater();
    return id;
  }

  function lookLater(): void {
    if (hidden.size > 0) stop ??= timer.schedule(LOOK_MS, look);
  }

  async function look(): Promise<void> {
    stop = null;
    for (const run of new Set([...hidden.values()].map((each) => each.run))) {
      try {
        const view = await ledger.round(hexToBytes(run));
        const due = [...hidden].filter(([, each]) => each.run === run && isOpenTo(view, each.round));
        for (const [, { id }] of due) await library.show(id);
        if (view !== null) await library.forget(run, 'weights', view.run.keptRound);
        for (const [key] of due) {
          await records.delete(key);
          hidden.delete(key);
        }
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        log.warn('updates of a run are not shown yet', { run, code: error.code });
      }
    }
    lookLater();
  }

  const handler: HttpHandler = async (request, response) => {
    const { method, url = '' } = request;
    if (url !== '/blob' && !url.startsWith('/blob?')) return false;
    if (method !== 'GET' && method !== 'PUT') return false;
    if (refuses(request, response)) return true;
    if (method === 'GET') {
      sendJson(response, 200, { peer, maxBytes: MAX_BYTES });
      return true;
    }
    const [, run, number] = QUERY.exec(url) ?? [];
    if (run === undefined) {
      refuse(
        response,
        400,
        'bad_request',
        'Say which round a blob is of: /blob?run=<64 hex digits>&round=<number>.',
      );
      return true;
    }
    const round = Number(number);
    const view = await ledger.round(hexToBytes(run));
    if (view?.round?.round !== round) {
      refuse(response, 409, 'round_over', `Round ${round} of this run is not open. Train the one that is.`);
      return true;
    }
    if (hidden.size + inWork >= MAX_HIDDEN || inWork >= MAX_IN_WORK) {
      refuse(response, 503, 'busy', 'Too many updates wait to be shown. Ask again in a few seconds.');
      return true;
    }
    inWork += 1;
    try {
      const bytes = await readBytes(request);
      if (bytes === null) {
        response.setHeader('connection', 'close');
        refuse(response, 413, 'too_large', `A blob has at most ${MAX_BYTES} bytes.`);
      } else sendJson(response, 200, { id: await keep(run, round, bytes) });
    } finally {
      inWork -= 1;
    }
    return true;
  };
  lookLater();
  return Object.assign(handler, {
    [Symbol.dispose]() {
      stop?.();
    },
  });
}

const keyOf = ({ run, round, id }: Hidden): string => `${HIDDEN}${run}/${round}/${id}`;

function parseKey(key: string): Hidden {
  const [run = '', round, id = ''] = key.slice(HIDDEN.length).split('/');
  return { run, round: Number(round), id };
}

/** From when all are bound to what they have: copies are worth nothing. */
function isOpenTo(view: RoundView | null, round: number): boolean {
  if (view === null || view.round === null || view.round.round > round) return true;
  return view.round.round === round && view.run.phase !== 'train';
}

/** The whole body; null when it is too large. */
async function readBytes(request: IncomingMessage): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) return null;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BYTES) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { message, type: 'invalid_request_error', param: null, code } });
}
