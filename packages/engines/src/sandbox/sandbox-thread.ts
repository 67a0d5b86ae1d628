import { parentPort, workerData } from 'node:worker_threads';
import { createJavascriptRunner } from './javascript-runner.ts';
import { cutMessage } from './log-keeper.ts';
import { type CodeRunner, NOTHING } from './runner.ts';
import type { RunOrder, ThreadData, ThreadReport } from './thread-messages.ts';
import { createWasmRunner } from './wasm-runner.ts';
import { createWorkMeter } from './work-meter.ts';

export type { ThreadData };

const port = parentPort;
const { kind, bytes, memoryBytes, control } = workerData as ThreadData;
const say = (report: ThreadReport) => port?.postMessage(report);
const reasonOf = (error: unknown) => cutMessage(error instanceof Error ? error.message : String(error));

function cpuMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

async function run(runner: CodeRunner, order: RunOrder): Promise<void> {
  const meter = createWorkMeter(control, order.maxWork, cpuMicroseconds, (work) =>
    say({ type: 'wants', work }),
  );
  try {
    const outcome = await runner.run(order, meter);
    say({ type: 'done', ...outcome, work: meter.work(), isBroken: false });
  } catch (error) {
    const message = reasonOf(error);
    const told = { message, output: NOTHING, log: '', work: meter.work(), isBroken: true };
    say({ type: 'done', fault: 'CRASHED', ...told });
  }
}

try {
  const runner =
    kind === 'wasm'
      ? await createWasmRunner(bytes, memoryBytes)
      : await createJavascriptRunner(new TextDecoder('utf-8', { fatal: true }).decode(bytes), memoryBytes);
  port?.on('message', (order: RunOrder) => run(runner, order));
  say({ type: 'ready' });
} catch (error) {
  say({ type: 'refused', reason: reasonOf(error) });
}
