import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createControl } from '../src/index.ts';

function aRequest(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
  const all = { host: '127.0.0.1:8470', 'content-type': 'application/json', ...headers };
  return { method: 'POST', headers: all, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe('callers from other machines', () => {
  const control = createControl({ keys: ['right'] });

  it('need a key', () => {
    for (const address of ['10.0.0.7', '::ffff:10.0.0.7', 'fe80::1', '128.0.0.1']) {
      expect(() => control.admit(aRequest(address)), address).toThrow(/need a key/);
      expect(() => control.admit(aRequest(address, { authorization: 'Bearer wrong' })), address).toThrow(
        /need a key/,
      );
      expect(control.admit(aRequest(address, { authorization: 'Bearer right' })).id).toMatch(
        /^[0-9a-f]{64}$/,
      );
    }
  });

  it('are told apart from this machine in all its spellings', () => {
    for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
      expect(control.admit(aRequest(address)).id, address).toBe('local');
    }
    for (const host of ['localhost', 'LOCALHOST:8470', '127.0.0.1', '[::1]:8470']) {
      expect(control.admit(aRequest('127.0.0.1', { host })).id, host).toBe('local');
    }
    for (const host of ['localhost.evil.example', '127.0.0.1.nip.io', 'evil.example', '', '127.0.0.1:x']) {
      expect(() => control.admit(aRequest('127.0.0.1', { host })), host).toThrow(/not this machine/);
    }
  });
});
