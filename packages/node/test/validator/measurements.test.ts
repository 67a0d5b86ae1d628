import { fetchEvaluations, fetchModels, rankModels } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { aRecordStore } from '../data/parts.ts';
import { aModel } from './cast.ts';
import { aSubnetTown } from './subnet-town.ts';

const guess = () => aModel(() => '0 0 * * *');

describe('a validator that measured an epoch', () => {
  it('says on the ledger how good each artifact is, but only once its weights are public', async () => {
    const town = await aSubnetTown([guess(), guess()]);
    town.startValidator(aRecordStore());
    const { ledger } = town.chain;
    const told: number[] = [];
    await town.until('two epochs are told', async () => {
      const [first] = await fetchEvaluations(ledger);
      const trials = first?.measurement.trials ?? 0;
      if (trials > (told.at(-1) ?? 0)) {
        told.push(trials);
        expect(town.revealed()).toBeGreaterThanOrEqual(told.length);
      }
      return told.length === 2;
    });
    const evaluations = await fetchEvaluations(ledger);
    // Two miners serve the one file: the better one counts, so an epoch is four trials, not eight.
    expect(told).toEqual([4, 8]);
    expect(evaluations).toHaveLength(1);
    expect(evaluations[0]).toMatchObject({
      validator: town.validatorKey.address,
      measurement: { task: 'crontab', netuid: town.netuid },
    });
    expect(evaluations[0]!.stake! > 0n).toBe(true);
    const models = await fetchModels(ledger);
    const [standing] = rankModels({ models, offers: [], evaluations }, 'crontab');
    expect(standing).toMatchObject({ validators: 1, score: { trials: 8 } });
    expect(town.log.lines.filter((line) => line.includes('could not be told'))).toEqual([]);
  });
});
