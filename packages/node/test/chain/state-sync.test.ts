import { describe, expect, it } from 'vitest';
import { stateSyncOf } from '../../src/index.ts';

const trusted = { trustHeight: 7, trustHash: 'AB'.repeat(32) };

describe('the settings of state sync', () => {
  it('are none when no server is named', () => {
    expect(stateSyncOf({ stateSyncServers: ' , ', trustHeight: 0, trustHash: '' })).toBe(null);
  });

  it('name the place of each server, whatever was typed', () => {
    const stateSyncServers = 'http://127.0.0.1:8470, hill.example.org:8470,https://:key@a.example/x';
    expect(stateSyncOf({ stateSyncServers, ...trusted })).toEqual({
      servers: [
        'http://127.0.0.1:8470/comet',
        'http://hill.example.org:8470/comet',
        'https://:key@a.example/x',
      ],
      trustHeight: 7,
      trustHash: 'ab'.repeat(32),
    });
  });

  it('want a trusted block, and addresses that are some', () => {
    const server = { stateSyncServers: '127.0.0.1:8470' };
    expect(() => stateSyncOf({ ...server, ...trusted, trustHeight: 0 })).toThrow('--trust-height');
    expect(() => stateSyncOf({ ...server, ...trusted, trustHash: 'ab' })).toThrow('--trust-hash');
    for (const stateSyncServers of ['http://', 'ftp://a.example', 'unix:///tmp/a.sock', 'http://a b'])
      expect(() => stateSyncOf({ stateSyncServers, ...trusted }), stateSyncServers).toThrow(
        'http://host:port',
      );
  });
});
