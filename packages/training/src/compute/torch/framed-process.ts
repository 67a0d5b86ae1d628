import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A program that answers each message with one: a line of JSON, and as many bytes as its `bytes` says. */
export interface FramedProcess extends AsyncDisposable {
  /**
   * One message and its answer. Calls wait for those before them.
   *
   * @throws FramedProcessFailure when the program ends, or answers with something else
   */
  ask(header: Readonly<Record<string, unknown>>, parts?: readonly ArrayBufferView[]): Promise<FramedAnswer>;
}

export interface FramedAnswer {
  readonly header: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class FramedProcessFailure extends Error {
  override readonly name = 'FramedProcessFailure';
}

export interface FramedProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with more bytes than this are refused. */
  readonly maxBytes: number;
}

const MAX_LINE_BYTES = 1 << 20;
const KEPT_COMPLAINTS = 2_000;
const NEWLINE = 10;

export function startFramedProcess({ program, args, env, maxBytes }: FramedProcessOptions): FramedProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => {
    complaints = (complaints + data.toString('utf8')).slice(-KEPT_COMPLAINTS);
  });
  const ended = new Promise<never>((_, reject) => {
    const fail = (what: string): void =>
      reject(new FramedProcessFailure(complaints ? `${what}: ${complaints.trim()}` : what));
    child.once('error', ({ message }) => fail(`${program} cannot be run (${message})`));
    child.once('close', (code, signal) => fail(`${program} ended with ${signal ?? code}`));
  });
  ended.catch(() => undefined);
  // A pipe that breaks is followed by the end of the program, which says more.
  child.stdin.on('error', () => undefined);
  const read = createReader(child.stdout);
  let last: Promise<unknown> = Promise.resolve();

  async function exchange(
    header: Readonly<Record<string, unknown>>,
    parts: readonly ArrayBufferView[],
  ): Promise<FramedAnswer> {
    const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    await write(child.stdin, Buffer.from(`${JSON.stringify({ ...header, bytes: size })}\n`));
    for (const { buffer, byteOffset, byteLength } of parts)
      await write(child.stdin, new Uint8Array(buffer, byteOffset, byteLength));
    const answer = parseHeader(await read.line());
    const { bytes = 0 } = answer;
    if (!Number.isSafeInteger(bytes) || (bytes as number) < 0 || (bytes as number) > maxBytes)
      throw new FramedProcessFailure(`it announced ${String(bytes).slice(0, 40)} bytes`);
    return { header: answer, bytes: await read.exactly(bytes as number) };
  }

  return {
    ask(header, parts = []) {
      const turn = last.then(() => Promise.race([exchange(header, parts), ended]));
      last = turn.catch(() => undefined);
      return turn;
    },
    async [Symbol.asyncDispose]() {
      await last;
      await stop(child);
    },
  };
}

async function stop(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  child.kill();
  await closed;
}

async function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain');
}

function parseHeader(line: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new FramedProcessFailure('it answered with something else than a line of JSON');
}

interface Reader {
  line(): Promise<string>;
  exactly(size: number): Promise<Uint8Array<ArrayBuffer>>;
}

function createReader(stream: Readable): Reader {
  const chunks = stream.iterator() as AsyncIterator<Buffer>;
  let rest: Uint8Array = new Uint8Array();

  async function next(): Promise<Uint8Array> {
    const { value, done } = await chunks.next();
    if (done) throw new FramedProcessFailure('it closed its output');
    return value;
  }

  return {
    async line() {
      const parts: Uint8Array[] = [];
      let size = 0;
      for (;;) {
        const end = rest.indexOf(NEWLINE);
        const part = end < 0 ? rest : rest.subarray(0, end);
        size += part.length;
        if (size > MAX_LINE_BYTES) throw new FramedProcessFailure('it answered with a line without end');
        parts.push(part);
        if (end >= 0) {
          rest = rest.subarray(end + 1);
          return Buffer.concat(parts).toString('utf8');
        }
        rest = await next();
      }
    },
    async exactly(size) {
      const whole = new Uint8Array(size);
      let at = 0;
      while (at < size) {
        if (rest.length === 0) rest = await next();
        const part = rest.subarray(0, size - at);
        whole.set(part, at);
        at += part.length;
        rest = rest.subarray(part.length);
      }
      return whole;
    },
  };
}
