import { decodeRelayAnswerFrame, encodeRelayFrame, RELAY_PROTOCOL } from '@cairn/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNodePeers } from '../../src/peers/node-peers.ts';
import { openRelay } from '../../src/relay/open-relay.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

describe('the relay that a node is to others', () => {
  it('is there when the setting is on, and reaches providers of its ledger only', async () => {
    const { parts, during } = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const peers = createNodePeers(null);
    const serving = openRelay(parts, { relayForOthers: 'on' }, () => peers.join('relay'));
    onTestFinished(() => serving?.[Symbol.dispose]());
    const stream = await peers.join('somebody').dial('relay', RELAY_PROTOCOL);
    await stream.write(encodeRelayFrame({ type: 'forward', peer: 'bank' }));
    const told = await during(stream.read());
    expect(decodeRelayAnswerFrame(told!)).toMatchObject({ type: 'refused', code: 'NOT_ALLOWED' });
  });

  it('is not there when it is off', async () => {
    const { parts } = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const peers = createNodePeers(null);
    expect(openRelay(parts, { relayForOthers: 'off' }, () => peers.join('relay'))).toBeNull();
  });
});
