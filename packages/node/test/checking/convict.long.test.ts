import { describe, expect, it } from 'vitest';
import type { CheckingRole } from '../../src/roles/checking-role.ts';
import { aCheckingTown } from './town.ts';

describe('validators that check several providers at once, with real models', () => {
  it('convict who serves another quantisation or a weaker model under the name, and nobody else', async () => {
    const town = await aCheckingTown();
    const honest = await town.startMiner(0, town.reviewing);
    const quantised = await town.startMiner(1, await town.load('q8_0'));
    const weaker = await town.startMiner(2, await town.load('base'));
    const roles: CheckingRole[] = [];
    for (const [at, key] of town.judgeKeys.entries())
      roles.push(await town.startChecker(`judge-${at}`, key, town.shopperKeys[at]!));
    for (const provider of [quantised, weaker]) {
      const { data } = await town.event(
        'verification.providerConvicted',
        (found) => found.provider === provider,
      );
      expect(BigInt((data as { slashed: string }).slashed)).toBeGreaterThan(0n);
      expect(await town.stakeOf(provider)).toBeLessThan(town.stake);
    }
    await town.until(() =>
      roles[0]!.standings().some(({ provider, checks }) => provider === honest && checks >= 3),
    );
    expect(await town.convicted(honest)).toBe(0);
    expect(await town.stakeOf(honest)).toBe(town.stake);
    const standing = roles[0]!.standings().find(({ provider }) => provider === honest)!;
    expect(standing).toMatchObject({ refused: null, failed: 0, engine: town.engine });
    expect(standing.suspicion).toBeLessThan(0.05);
  }, 600_000);
});
