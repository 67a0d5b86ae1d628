import { fileURLToPath } from 'node:url';
import type { Clock, Logger, Random } from '@cairn/core';

/** Path of a file of the bundled model. */
export function bundledModel(name: string): string {
  return fileURLToPath(new URL(`../../../models/cairn-crontab/${name}`, import.meta.url));
}

export const DEFAULT_MODEL = bundledModel('crontab-f16.gguf');

/** A clock that moves one millisecond each time it is read. */
export function aClock(): Clock {
  let nowMs = 0;
  return {
    nowMs() {
      nowMs += 1;
      return nowMs;
    },
  };
}

/** Counts up, so that two seeds differ and runs do not. */
export function aRandom(): Random {
  let next = 1;
  return {
    bytes(length) {
      const bytes = new Uint8Array(length).fill(next);
      next += 1;
      return bytes;
    },
  };
}

export function aLogger(): Logger {
  const logger: Logger = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => logger,
  };
  return logger;
}
