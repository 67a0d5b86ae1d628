import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { CliError, usage } from '../errors.ts';
import type { Screen, Terminal } from './terminal.ts';

/** The terminal of this process. `NO_COLOR` and `TERM=dumb` turn colour and motion off. */
export function createRealTerminal(signal: AbortSignal): Terminal {
  return {
    out: createScreen(process.stdout),
    err: createScreen(process.stderr),
    get canAsk() {
      return process.stdin.isTTY === true && process.stderr.isTTY === true;
    },
    ask: (question, { hidden = false } = {}) => ask(question, hidden, signal),
    async readAll(limitBytes) {
      let text = '';
      process.stdin.setEncoding('utf8');
      for await (const part of process.stdin as AsyncIterable<string>) {
        text += part;
        if (text.length > limitBytes) throw usage(`The input is longer than ${limitBytes} characters.`);
      }
      return text;
    },
  };
}

function createScreen(stream: WriteStream): Screen {
  return {
    write: (text) => {
      stream.write(text);
    },
    get columns() {
      return stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return stream.isTTY ? stream.rows || 24 : Number.POSITIVE_INFINITY;
    },
    get isLive() {
      const { NO_COLOR = '', TERM } = process.env;
      return stream.isTTY === true && NO_COLOR === '' && TERM !== 'dumb';
    },
  };
}

/** Questions go to standard error: standard output holds results. */
async function ask(question: string, hidden: boolean, signal: AbortSignal): Promise<string | undefined> {
  if (hidden) process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: process.stdin,
    output: hidden ? silent : process.stderr,
    terminal: process.stdin.isTTY,
    prompt: hidden ? '' : question,
  });
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      const interrupt = () => reject(new CliError({ code: 'INTERRUPTED' }, 'Interrupted. Nothing was done.'));
      reader.once('line', resolve);
      reader.once('close', () => resolve(undefined));
      reader.once('SIGINT', interrupt);
      signal.addEventListener('abort', interrupt, { once: true });
      if (!hidden) reader.prompt();
    });
  } finally {
    reader.close();
    if (hidden) process.stderr.write('\n');
  }
}
