import { addressToAccountId } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { createCheatModel } from '../../src/up/cheat-model.ts';
import { aCheckingTown } from './town.ts';

describe('validators that check providers, with real models', () => {
  it('hear of a cheat from a validator without a vote, and look themselves', async () => {
    const town = await aCheckingTown({ powers: [1n] });
    const cheat = await town.startMiner(0, createCheatModel(town.reviewing));
    // The judge asks no questions of its own: what it knows of this provider comes from the other.
    const own = [addressToAccountId(cheat)];
    const [outsider, outsiderShopper] = town.outsiderKeys;
    await town.startChecker('judge', town.judgeKeys[0]!, town.shopperKeys[0]!, { own });
    const role = await town.startChecker('outsider', outsider!, outsiderShopper!);
    await town.event('verification.providerConvicted', (found) => found.provider === cheat);
    expect(await town.convicted(cheat)).toBeGreaterThan(0);
    expect(role.standings()[0]).toMatchObject({ provider: cheat, refused: null });
  }, 120_000);

  it('refuse to judge what nobody calibrated, and say so', async () => {
    const town = await aCheckingTown({ isCalibrated: false, powers: [1n] });
    const cheat = await town.startMiner(0, createCheatModel(town.reviewing));
    const role = await town.startChecker('judge', town.judgeKeys[0]!, town.shopperKeys[0]!);
    await town.until(() => role.standings().length > 0);
    expect(role.standings()).toMatchObject([
      {
        provider: cheat,
        checks: 0,
        refused: `nobody published a calibration of ${town.engine} for this artifact`,
      },
    ]);
    expect(await town.convicted(cheat)).toBe(0);
  }, 120_000);

  it('refuse to judge a file that they do not have', async () => {
    const town = await aCheckingTown({ powers: [1n] });
    await town.startMiner(0, createCheatModel(town.reviewing));
    const role = await town.startChecker('judge', town.judgeKeys[0]!, town.shopperKeys[0]!, { models: [] });
    await town.until(() => role.standings().length > 0);
    expect(role.standings()).toMatchObject([{ checks: 0, refused: 'its file is not on this node' }]);
  }, 120_000);
});
