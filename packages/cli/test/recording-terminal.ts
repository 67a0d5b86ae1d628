import type { Screen, Terminal } from '../src/terminal/terminal.ts';

export interface RecordingTerminal extends Terminal {
  /** All that was written, as text. */
  readonly printed: { out: string; err: string };
}

export interface RecordingOptions {
  /** What the person answers, in order; none: nobody sits there. */
  readonly answers?: readonly string[];
  /** What is piped in. */
  readonly input?: string;
  readonly columns?: number;
  readonly isLive?: boolean;
}

/** A terminal that keeps what it is told. */
export function createRecordingTerminal(options: RecordingOptions = {}): RecordingTerminal {
  const printed = { out: '', err: '' };
  const answers = [...(options.answers ?? [])];
  const screen = (name: 'out' | 'err'): Screen => ({
    write: (text) => {
      printed[name] += text;
    },
    columns: options.columns ?? Number.POSITIVE_INFINITY,
    rows: 24,
    isLive: options.isLive ?? false,
  });
  return {
    printed,
    out: screen('out'),
    err: screen('err'),
    canAsk: options.answers !== undefined,
    async ask(question) {
      printed.err += question;
      return answers.shift();
    },
    readAll: async () => options.input ?? '',
  };
}
