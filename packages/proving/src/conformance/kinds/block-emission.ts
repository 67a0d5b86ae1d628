import { slotEmission } from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { createComparison } from '../compare.ts';
import { readBigint, readFields } from '../read-fields.ts';

const checkBlockEmission: Checker = ({ input, expected, tolerance }) => {
  const issuance = readBigint(readFields(input, 'input').issuance_rao, 'input.issuance_rao');
  const comparison = createComparison(tolerance);
  comparison.value('emission', slotEmission(issuance), readBigint(expected, 'expected'));
  return comparison.differences;
};

export const blockEmissionKinds: Readonly<Record<string, Checker>> = {
  block_emission: checkBlockEmission,
  block_emission_DERIVED: checkBlockEmission,
};
