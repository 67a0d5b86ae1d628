import type { LogData, Logger } from '@cairn/core';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Least level that is written. @default 'info' */
  level?: LogLevel;
  /** Gets one line of JSON per entry. */
  write: (line: string) => void;
}

/** A logger that writes one JSON object per line. */
export function createLogger(options: LoggerOptions, name = 'node'): Logger {
  const least = LOG_LEVELS.indexOf(options.level ?? 'info');
  const at = (level: LogLevel) => (message: string, data?: LogData) => {
    if (LOG_LEVELS.indexOf(level) > least) return;
    const head = { time: new Date().toISOString(), level, name, message };
    // Data never replaces what the entry says of itself.
    const entry = { ...head, ...data, ...head };
    options.write(
      JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
    );
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (part) => createLogger(options, `${name}:${part}`),
  };
}
