import { CairnError, type Clock, type Logger } from '@cairn/core';
import {
  decodeClientFrame,
  decodeForwardFrame,
  decodeServerFrame,
  encodeRelayFrame,
  INFER_PROTOCOL,
  isSealedPiece,
  type PeerName,
  RELAY_PROTOCOL,
  type RelayErrorCode,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import { createRelayBook, RELAY_LIMITS, type RelayLimits } from './relay-limits.ts';

export interface RelayParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Logger;
  /** Whether a peer is a provider with an offer on the ledger. A relay passes on to nobody else. */
  readonly isProvider: (peer: PeerName) => Promise<boolean>;
}

/** Why a relay ends a stream. */
class Breach extends Error {
  override readonly name = 'Breach';
  readonly code: RelayErrorCode;

  constructor(code: RelayErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Passes sealed requests on to providers, until it is disposed. It sees who asks, whom, when and how much, and
 * neither prompt nor answer; a request in clear it does not pass on. Nothing of a stream is kept or logged.
 */
export function serveRelay(parts: RelayParts, limits: Partial<RelayLimits> = {}): Disposable {
  const { transport, clock, timer, log } = parts;
  const bounds = { ...RELAY_LIMITS, ...limits };
  const book = createRelayBook(clock, bounds);
  const running = new Set<Stream>();

  async function readForward(stream: Stream): Promise<PeerName> {
    const stop = timer.schedule(bounds.idleMs, () => stream.abort('nobody was asked for'));
    try {
      const bytes = await stream.read();
      if (bytes === null) throw new Breach('MALFORMED', 'Say which peer you want.');
      return decodeForwardFrame(bytes).peer;
    } catch (error) {
      if (isMalformed(error)) throw new Breach('MALFORMED', 'The first frame names the peer you want.');
      throw error;
    } finally {
      stop();
    }
  }

  async function connect(peer: PeerName): Promise<Stream> {
    if (!(await parts.isProvider(peer))) {
      throw new Breach(
        'NOT_ALLOWED',
        'That peer has no offer on the ledger. This relay reaches providers only.',
      );
    }
    try {
      return await transport.dial(peer, INFER_PROTOCOL);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      throw new Breach('UNREACHABLE', 'That provider cannot be reached from here.');
    }
  }

  async function passOn(asker: Stream, provider: Stream): Promise<void> {
    const give = (reason: string) => {
      asker.abort(reason);
      provider.abort(reason);
    };
    const stopLife = timer.schedule(bounds.lifeMs, () => give('the relay passes a stream on only so long'));
    let stopIdle = () => {};
    const touch = () => {
      stopIdle();
      stopIdle = timer.schedule(bounds.idleMs, () => give('both ends were silent for too long'));
    };

    async function pump(from: Stream, to: Stream, assertFit: (frame: Uint8Array) => void): Promise<void> {
      for (;;) {
        touch();
        const frame = await from.read();
        if (frame === null) break;
        assertFit(frame);
        if (!book.pass(asker.remote, frame.length)) {
          throw new Breach('BUSY', 'You have used what one peer has in a minute.');
        }
        await to.write(frame);
      }
      await to.closeWrite();
    }

    try {
      await asker.write(encodeRelayFrame({ type: 'ready' }));
      await Promise.all([
        pump(asker, provider, createAskerCheck()),
        pump(provider, asker, assertFromProvider),
      ]);
    } catch (error) {
      give(error instanceof Breach ? error.message : 'the other end is gone');
      if (!(error instanceof Breach) && !(error instanceof CairnError)) throw error;
    } finally {
      stopLife();
      stopIdle();
    }
  }

  async function serve(asker: Stream): Promise<void> {
    const full = book.begin(asker.remote);
    if (full !== null) {
      await refuse(asker, new Breach('BUSY', full));
      return;
    }
    running.add(asker);
    try {
      await passOn(asker, await connect(await readForward(asker)));
    } catch (error) {
      if (error instanceof Breach) await refuse(asker, error);
      else if (!(error instanceof CairnError)) throw error;
      log.debug('a stream was not passed on', { code: error instanceof Breach ? error.code : 'GONE' });
    } finally {
      running.delete(asker);
      book.end(asker.remote);
    }
  }

  const stop = transport.listen(RELAY_PROTOCOL, serve);
  return {
    [Symbol.dispose]() {
      stop();
      for (const stream of running) stream.abort('this relay is stopping');
    },
  };
}

async function refuse(stream: Stream, { code, message }: Breach): Promise<void> {
  try {
    await stream.write(encodeRelayFrame({ type: 'refused', code, message }));
    await stream.closeWrite();
  } catch (error) {
    // An asker that is gone needs no answer.
    if (!(error instanceof CairnError)) throw error;
  }
}

function isMalformed(error: unknown): boolean {
  return (
    error instanceof CairnError && (error.code === 'FRAME_MALFORMED' || error.code === 'FRAME_TOO_LARGE')
  );
}

/** A sealed request, then vouchers: anything else might be a prompt in clear. */
function createAskerCheck(): (frame: Uint8Array) => void {
  let isOpen = false;
  return (frame) => {
    const { type } = decodeClientFrame(frame);
    if (isOpen ? type === 'voucher' || type === 'cancel' : type === 'sealed-open') {
      isOpen = true;
      return;
    }
    throw new Breach('NOT_ALLOWED', 'This relay passes on sealed requests only.');
  };
}

/** Sealed pieces, or the one error in clear of a provider that could not open the request. */
function assertFromProvider(frame: Uint8Array): void {
  if (isSealedPiece(frame) || decodeServerFrame(frame).type === 'error') return;
  throw new Breach('NOT_ALLOWED', 'The provider answered in clear.');
}
