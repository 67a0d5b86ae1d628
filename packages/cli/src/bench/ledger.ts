import { createLedgerRpc, createLogger } from '@cairn/node';
import { type BenchFigure, benchLedger } from '@cairn/proving';
import { judge, type Measurement } from './measurement.ts';

/** Transfers per second from submission to disk, the same from JSON-RPC bytes, memory per million keys. */
export async function measureLedger(): Promise<Measurement[]> {
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(`${line}\n`) });
  const rpcOf: NonNullable<Parameters<typeof benchLedger>[0]>['rpcOf'] = (ledger) => {
    const rpc = createLedgerRpc({ ledger, log });
    return (body) => rpc.answer(body);
  };
  return (await benchLedger({ rpcOf })).map(toMeasurement);
}

function toMeasurement({ name, value, unit, runs, spread: [low, high], target }: BenchFigure): Measurement {
  // Rates are promised from below, times and sizes from above.
  const isFloor = unit.endsWith('/s');
  return judge({ suite: 'ledger', name, unit, value, low, high, runs, target: target ?? null, isFloor });
}
