import type { Clock, Crypto, Logger } from '@cairn/core';
import type { DeploymentSpec, Price } from '@cairn/ledger';
import type { Timer, Transport } from '@cairn/protocol';
import type { Payee } from '../miner/payee.ts';
import type { MinerSealing } from '../miner/unseal.ts';
import type { FunctionPool } from './function-pool.ts';

/** A function that this provider has a lease for. */
export interface HostedFunction {
  readonly deployment: Uint8Array;
  readonly spec: DeploymentSpec;
  readonly price: Price;
  readonly pool: FunctionPool;
}

export interface ComputeParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly transport: Transport;
  readonly payee: Payee;
  /** Absent: only calls in clear are taken. */
  readonly seal?: MinerSealing;
  readonly log: Logger;
}
