import type { Clock, Crypto, Logger, Metrics, Random } from '@cairn/core';
import type { LedgerReader, LedgerWriter, Timer } from '@cairn/protocol';
import type { ProvedReader } from '../light/proved-reader.ts';
import type { Tracer } from '../telemetry/tracer.ts';

/** What every role of a node shares. */
export interface NodeParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly timer: Timer;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** @default spans are not made */
  readonly tracer?: Tracer;
  readonly chainId: Uint8Array;
  readonly ledger: LedgerReader & LedgerWriter;
  /** What the ledger holds, proved: on a node that joined by others. @default the ledger is this node's own */
  readonly proved?: ProvedReader;
}

/** A role at work. */
export interface RunningRole extends AsyncDisposable {
  readonly kind:
    | 'chain'
    | 'miner'
    | 'validator'
    | 'gateway'
    | 'hub'
    | 'compute'
    | 'trainer'
    | 'checker'
    | 'seller';
  readonly name: string;
  /** Address that works. */
  readonly address: string;
  /** Address that is paid, when it is another. */
  readonly coldkey?: string;
  /** A few words for people: what it runs. */
  readonly note: string;
  /** Answers a miner signed receipts for. */
  readonly answers?: () => number;
  /** Makes a new sealing key, puts it on the ledger and resolves with its id. @default nothing is sealed to it */
  readonly rotateSealing?: (() => Promise<string>) | null;
}
