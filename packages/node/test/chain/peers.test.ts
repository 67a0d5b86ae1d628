import { describe, expect, it } from 'vitest';
import { parsePeers } from '../../src/chain/peers.ts';

const id = 'ab'.repeat(20);

describe('peers', () => {
  it('are read with spaces and gaps between', () => {
    const list = ` ${id}@hill.example.org:26656, ,${id}@[::1]:1 `;
    expect(parsePeers(list)).toEqual([`${id}@hill.example.org:26656`, `${id}@[::1]:1`]);
    expect(parsePeers('')).toEqual([]);
  });

  it('that are none are refused with what one looks like', () => {
    for (const wrong of [
      'hill:26656',
      `${id}@hill`,
      `${id.slice(1)}@hill:1`,
      `${id}@hill:1"\nx = 1`,
      `${id}@a b:1`,
    ])
      expect(() => parsePeers(wrong), wrong).toThrow('is no peer');
  });
});
