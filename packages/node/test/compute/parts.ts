import { createThreadSandbox } from '@cairn/engines';
import type { DeploymentSpec, Price } from '@cairn/ledger';
import type { Sandbox, Timer } from '@cairn/protocol';
import { callFunction, type FunctionPlace } from '@cairn/sdk';
import type { HostedFunction } from '../../src/compute/compute-parts.ts';
import { serveCalls } from '../../src/compute/compute-serving.ts';
import { createFunctionPool, type FunctionPoolOptions } from '../../src/compute/function-pool.ts';
import type { CallLimits } from '../../src/compute/run-call.ts';
import { createPayee } from '../../src/miner/payee.ts';
import { aRecordStore, aSigner, aTown, chainId, crypto, type TownOptions } from '../miner/parts.ts';

export const realTimer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(action, delayMs);
    return () => clearTimeout(handle);
  },
};
export const realClock = { nowMs: () => Date.now() };
export const threadSandbox: Sandbox = createThreadSandbox({ timer: realTimer });

export const functionPrice: Price = {
  inputPerMillion: 1_000_000n,
  cachedInputPerMillion: 0n,
  outputPerMillion: 1_000_000_000n,
  perRequest: 100n,
  perImage: 0n,
  perAudioSecond: 0n,
};

/** Adds numbers for about as long as `n` says. */
const SPIN =
  'export const handle = ({ json }) => { let s = 0; for (let i = 0; i < json().n; i++) s += i; return s }';

export interface ComputeTownOptions {
  readonly source?: string;
  readonly code?: Uint8Array;
  readonly kind?: DeploymentSpec['kind'];
  readonly scale?: Partial<FunctionPoolOptions>;
  readonly limits?: Partial<CallLimits>;
  /** What the provider's record names. @default nothing: calls go in clear */
  readonly sealing?: TownOptions['sealing'];
  readonly network?: TownOptions['network'];
}

/** A caller, a provider with one function, the way between them and a ledger of channels. */
export async function aComputeTown(options: ComputeTownOptions = {}) {
  const { kind = 'javascript', source = SPIN } = options;
  const { sealing, network } = options;
  const town = await aTown({
    ...(sealing === undefined ? {} : { sealing }),
    ...(network === undefined ? {} : { network }),
  });
  const key = aSigner('compute');
  const code = options.code ?? new TextEncoder().encode(source);
  const spec: DeploymentSpec = {
    name: 'spin',
    kind,
    code: crypto.sha256(code),
    codeBytes: BigInt(code.length),
    source: 'tenant',
    resources: { cpuMilli: 1000, memoryMib: 32, timeMs: 20_000, gpus: 0 },
    minInstances: 0,
    maxInstances: 4,
  };
  const pool = createFunctionPool(
    {
      start: () =>
        threadSandbox.start({
          kind: kind === 'wasm' ? 'wasm' : 'javascript',
          bytes: code,
          memoryBytes: 32 * 1024 * 1024,
        }),
      clock: realClock,
      timer: realTimer,
      log: town.log,
    },
    { minInstances: 0, maxInstances: 4, idleMs: 300, ...options.scale },
  );
  const deployment = crypto.sha256(new TextEncoder().encode('deployment'));
  const hosted: HostedFunction = { deployment, spec, price: functionPrice, pool };
  const records = aRecordStore();
  const payee = createPayee({
    crypto,
    clock: realClock,
    chainId,
    payee: key.account,
    signer: key.signer,
    ledger: town.ledger.of(key.account),
    records,
    log: town.log,
  });
  const transport = town.network.join('compute');
  const serving = serveCalls(
    {
      crypto,
      chainId,
      clock: realClock,
      timer: realTimer,
      transport,
      payee,
      log: town.log,
      ...town.sealingOf('compute', key.account),
    },
    (id) => (id === Buffer.from(deployment).toString('hex') ? hosted : undefined),
    options.limits,
  );
  const place: FunctionPlace = {
    deployment,
    code: spec.code,
    provider: key.account,
    peer: 'compute',
    netuid: 1,
    price: functionPrice,
  };
  let calls = 0;
  const callParts = { ...town.inferParts(), clock: realClock, timer: realTimer };
  return {
    ...town,
    place,
    payee,
    pool,
    serving,
    callParts,
    call(input: unknown, maxWork = 10_000) {
      calls += 1;
      return callFunction(callParts, {
        place,
        input: new TextEncoder().encode(JSON.stringify(input)),
        maxWork,
        idempotencyKey: `call ${calls}`,
      });
    },
    async [Symbol.asyncDispose]() {
      await serving[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
