import { request } from 'node:http';
import { join } from 'node:path';
import { NodeError } from '@cairn/node';
import { connectRpcLedger, type RpcFetch, type RpcLedger, SdkError } from '@cairn/sdk';
import type { Cli } from './cli.ts';
import type { CommonFlags } from './command.ts';
import { usage } from './errors.ts';
import { pause } from './pause.ts';
import { dataFolderOf } from './settings.ts';

export interface Connection {
  readonly ledger: RpcLedger;
  /** The socket or URL that answers. */
  readonly address: string;
  /** Whether it is the node of this data folder, over its socket: only then may it spend for us. */
  readonly isOwn: boolean;
  /** The data folder of this command; the node's own when `isOwn`. */
  readonly data: string;
}

/** A block may take a while; a node that says nothing for this long is gone. */
const SILENCE_MS = 120_000;
/** Largest answer taken. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Finds a running node: `--rpc URL`, else the socket in the data folder.
 *
 * @throws NodeError `NODE_UNREACHABLE`
 */
export async function connectNode(cli: Cli, flags: CommonFlags): Promise<Connection> {
  const data = await dataFolderOf(cli, flags);
  const target = flags.rpc === undefined ? socketTarget(data) : urlTarget(flags.rpc);
  const send: RpcFetch = (body) => post(target, body, cli.signal);
  const ledger = await connectRpcLedger(send, (ms) => pause(ms, cli.signal));
  return { ledger, address: target.address, isOwn: flags.rpc === undefined, data };
}

/** As `connectNode`, or null when no node answers: for commands that can say something without one. */
export async function connectNodeIfRunning(cli: Cli, flags: CommonFlags): Promise<Connection | null> {
  try {
    return await connectNode(cli, flags);
  } catch (error) {
    if (error instanceof NodeError && error.code === 'NODE_UNREACHABLE') return null;
    throw error;
  }
}

interface Target {
  readonly address: string;
  readonly hint: string;
  readonly place: { readonly socketPath: string } | { readonly url: URL };
}

function socketTarget(data: string): Target {
  const socketPath = join(data, 'cairn.sock');
  const hint = 'Start one with ./cairn up, or name another with --data or --rpc.';
  return { address: socketPath, hint, place: { socketPath } };
}

function urlTarget(given: string): Target {
  const url = URL.parse(given.includes('://') ? given : `http://${given}`);
  if (url === null || url.protocol !== 'http:') {
    throw usage(`--rpc ${given} is not an address such as http://127.0.0.1:8470.`);
  }
  if (url.pathname === '/') url.pathname = '/rpc';
  return { address: url.href, hint: 'Check the address, and that the node runs.', place: { url } };
}

function post(target: Target, body: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      signal,
      timeout: SILENCE_MS,
    };
    const sent =
      'url' in target.place
        ? request(target.place.url, options)
        : request({ ...options, socketPath: target.place.socketPath, path: '/rpc', host: 'localhost' });
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
    sent.on('error', (cause) => reject(signal.aborted ? cause : unreachable(target, cause)));
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error('its answer is too long'));
        parts.push(part);
      });
      response.on('error', (cause) => reject(unreachable(target, cause)));
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode === 200) resolve(Buffer.concat(parts).toString('utf8'));
        else reject(refused(target, statusCode));
      });
    });
    sent.end(body);
  });
}

const ABSENT = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EACCES', 'ENOTFOUND', 'EINVAL']);

function unreachable(target: Target, cause: Error): NodeError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const reason = ABSENT.has(code) ? '' : ` (${cause.message})`;
  return new NodeError(
    { code: 'NODE_UNREACHABLE', address: target.address },
    `No node answers at ${target.address}${reason}. ${target.hint}`,
    { cause },
  );
}

function refused(target: Target, status: number): SdkError {
  return new SdkError(
    { code: 'RPC_FAILED', method: 'connect', reason: `HTTP ${status}` },
    `The node at ${target.address} refuses with status ${status}.`,
  );
}
