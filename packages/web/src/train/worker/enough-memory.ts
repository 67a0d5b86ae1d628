import type { MemoryForecast } from '@cairn/training';
import type { MemoryShortage } from '../messages.ts';
import { formatBytes } from '../plain-numbers.ts';

/** What wasm can address, whatever the device has. */
const WASM_BYTES = 4 * 2 ** 30;
/** Browsers tell no more than this of a device's memory, in GiB: it may have any amount above. */
const MOST_TOLD = 8;

/**
 * Whether a browser has the memory that a run needs, before anything is bonded.
 *
 * @param deviceMemory what the browser tells of the device, in GiB; undefined: nothing
 * @returns null when it has, as far as the browser says
 */
export function findShortage(
  forecast: MemoryForecast,
  deviceMemory: number | undefined,
): MemoryShortage | null {
  const { parameters, gradients, activations, runtime, total } = forecast;
  const inWasm = parameters + gradients + activations + runtime;
  if (inWasm > WASM_BYTES)
    return shortage(
      inWasm,
      WASM_BYTES,
      'a program in a browser can hold',
      'Train it with ./cairn train join.',
    );
  const device = deviceMemory ?? Number.POSITIVE_INFINITY;
  if (device >= MOST_TOLD || total <= device * 2 ** 30) return null;
  return shortage(total, device * 2 ** 30, 'this device has', 'Use a device with more memory.');
}

function shortage(needs: number, has: number, where: string, advice: string): MemoryShortage {
  return {
    needsBytes: needs,
    hasBytes: has,
    text: `Training this run needs about ${formatBytes(needs)} of memory, and ${where} ${formatBytes(has)}. ${advice}`,
  };
}
