import { describe, expect, it } from 'vitest';
import { kindOf, offeredCapabilities } from '../../src/models/offered-capabilities.ts';

const none = { tokenIds: null, logprobs: null, seed: null, prefill: null, embed: null, contextTokens: 1 };

describe('what an offer says of an engine', () => {
  it('is what the engine can do, and nothing else', () => {
    expect(offeredCapabilities(none)).toEqual([]);
    expect(offeredCapabilities({ ...none, seed: true, tools: true, tasks: ['embed'] })).toEqual([
      'seed',
      'tools',
      'embed',
    ]);
  });

  it('makes a card of the kind of its work; what writes text is for chat', () => {
    expect(kindOf(none)).toBe('chat');
    const mute = { ...none, mute: true as const };
    expect(kindOf({ ...mute, tasks: ['embed', 'rank'] })).toBe('embed');
    expect(kindOf({ ...mute, tasks: ['rank'] })).toBe('rank');
    expect(kindOf({ ...mute, tasks: ['image'] })).toBe('image');
    expect(kindOf({ ...mute, tasks: ['speech'] })).toBe('audio');
    expect(kindOf({ ...none, tasks: ['embed'] })).toBe('chat');
  });
});
