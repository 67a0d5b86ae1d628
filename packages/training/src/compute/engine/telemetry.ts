import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { TrainingError } from '../../errors.ts';

/** Read once by ONNX Runtime, from the environment of the process, when it is loaded. */
const SWITCH = 'ORT_DISABLE_TELEMETRY';

/**
 * Keeps ONNX Runtime from telling its maker of this machine: on Linux and macOS it would keep an id and a list of events
 * in the user's cache and send them. To be called on the main thread before a thread loads it: a thread cannot change
 * the environment of its process.
 */
export function forbidTelemetry(): void {
  if (!isMainThread) return;
  process.env[SWITCH] = '1';
  setEnvironmentData(SWITCH, '1');
}

/** @throws TrainingError ENGINE_FAILED on a thread of a process that did not forbid it */
export function assertNoTelemetry(): void {
  forbidTelemetry();
  if (getEnvironmentData(SWITCH) === '1') return;
  const reason = 'its telemetry is not forbidden: call forbidTelemetry() before this thread is started';
  throw new TrainingError(
    { code: 'ENGINE_FAILED', engine: 'onnxruntime-node', reason },
    `ONNX Runtime is not loaded, as ${reason}.`,
  );
}
