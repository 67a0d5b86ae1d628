import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startControlSocket } from '../../src/control/socket.ts';
import type { JsonRpc } from '../../src/rpc/json-rpc.ts';
import { aFolder } from '../data/parts.ts';

const rpc: JsonRpc = { answer: async () => ({ jsonrpc: '2.0', id: 1, result: 'here' }) };

function ask(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/rpc', method: 'POST' }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => {
        body += part.toString('utf8');
      });
      response.on('end', () => resolve(body));
    });
    sent.on('error', reject);
    sent.end('{}');
  });
}

/** Sends half a request and hangs up once the node has begun to read it. */
function interrupt(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.write('POST /rpc HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n{"');
    });
    socket.once('data', () => socket.destroy());
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
}

describe('the control socket', () => {
  it('outlives a command that is interrupted while it sends', async () => {
    const path = join(aFolder(), 'cairn.sock');
    const failures: unknown[] = [];
    const note = (error: unknown) => failures.push(error);
    process.on('unhandledRejection', note);
    try {
      await using _socket = await startControlSocket(rpc, path);
      await interrupt(path);
      expect(await ask(path)).toContain('here');
      expect(await ask(path)).toContain('here');
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(failures).toEqual([]);
  });
});
