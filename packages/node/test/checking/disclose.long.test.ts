import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PEBBLES_PER_CAIRN } from '@cairn/core';
import { createAccountClient } from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGatewayRole } from '../../src/roles/gateway-role.ts';
import { createCheatModel } from '../../src/up/cheat-model.ts';
import { aRecordStore } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import { aCheckingTown } from './town.ts';

describe('a user who discloses an answer', () => {
  it('has it checked by a pass of a validator’s own model: what is honest passes, a cheat fails', async () => {
    const town = await aCheckingTown({ powers: [1n] });
    const honest = await town.startMiner(0, town.reviewing);
    const cheat = await town.startMiner(1, createCheatModel(town.reviewing));
    const offers = await town.ledger.query<{ provider: string }[]>('registry_offers', {
      ...{ after: null, limit: 0 },
    });
    expect(offers.length).toBe(2);
    // The judge asks nobody itself: all that it knows comes from what is disclosed.
    const own = town.minerAccounts;
    await town.startChecker('judge', town.judgeKeys[0]!, town.shopperKeys[0]!, { own });
    const role = await startGatewayRole(town.parts, {
      client: createAccountClient({ crypto, signer: town.outsiderKeys[0]!.signer, ledger: town.ledger }),
      transport: town.network.join('gateway'),
      ...{ records: aRecordStore(), storage: aRecordStore(), keys: [] },
      mostPerAnswer: PEBBLES_PER_CAIRN,
      firstModel: 'cairn/crontab',
      knownQuestion: () => null,
      seal: 'required',
    });
    onTestFinished(() => role[Symbol.asyncDispose]());
    const server = createServer((request, response) => void role.gateway.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const ask = async (provider: string, disclose: boolean) => {
      const response = await fetch(
        `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model: 'cairn/crontab',
            messages: [{ role: 'user', content: 'every weekday at 9:30 am' }],
            max_tokens: 16,
            temperature: 0,
            provider: { only: [provider] },
            cairn: { disclose },
          }),
        },
      );
      expect(response.status, await response.clone().text()).toBe(200);
    };
    const shown = () => town.log.lines.filter((line) => line.includes('was shown to the validators'));
    await ask(honest, false);
    await ask(honest, true);
    await town.until(() => shown().length === 1);
    expect(shown()[0]).toContain('"passed":1');
    await ask(cheat, true);
    await town.until(() => shown().length === 2);
    expect(shown()[1]).toContain('"failed":1');
    expect(await town.convicted(honest)).toBe(0);
  });
});
