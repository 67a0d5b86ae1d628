import { account, accountIdToAddress, bytes32, bytesToHex, struct, u32, u64 } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import type { StateView } from '../state/view.ts';
import { calibrations, cases, convicted, openCasesCell, powerBehind } from './state.ts';

const caseSchema = {
  type: 'object',
  properties: {
    receipt: bytes32.schema,
    provider: { type: 'string' },
    accuser: { type: 'string' },
    offenceHeight: u64.schema,
    evidence: bytes32.schema,
    reveal: bytes32.schema,
    untilSlot: u64.schema,
    supporters: { type: 'array', items: { type: 'string' } },
    power: u64.schema,
    totalPower: u64.schema,
  },
};

function describeCase(view: StateView, receipt: string) {
  const open = cases.get(view, receipt);
  if (open === undefined) return null;
  const { power, total } = powerBehind(view, open.provider, open.supporters);
  return {
    receipt,
    provider: accountIdToAddress(open.provider),
    accuser: accountIdToAddress(open.accuser),
    offenceHeight: open.offenceHeight.toString(),
    evidence: bytesToHex(open.evidence),
    reveal: bytesToHex(open.reveal),
    untilSlot: open.untilSlot.toString(),
    supporters: open.supporters.map(accountIdToAddress),
    power: power.toString(),
    totalPower: total.toString(),
  };
}

export const caseQuery = defineQuery({
  name: 'verification_case',
  help: 'The open case about a receipt: who stands behind it with how much voting power; null when there is none.',
  params: struct('CaseParams', { receipt: bytes32 }),
  result: { anyOf: [caseSchema, { type: 'null' }] },
  run: ({ view }, { receipt }) => describeCase(view, bytesToHex(receipt)),
});

export const casesQuery = defineQuery({
  name: 'verification_cases',
  help: 'All open cases against providers, oldest first.',
  params: noParams,
  result: { type: 'array', items: caseSchema },
  run: ({ view }) => openCasesCell.get(view).map(({ receipt }) => describeCase(view, bytesToHex(receipt))),
});

export const convictedQuery = defineQuery({
  name: 'verification_provider',
  help: 'How often a provider was convicted of answers that its artifact does not give, and what it lost.',
  params: struct('ConvictedParams', { provider: account }),
  result: {
    type: 'object',
    properties: { verdicts: u32.schema, slashed: u64.schema, lastHeight: u64.schema },
  },
  run({ view }, { provider }) {
    const { verdicts, slashed, lastHeight } = convicted.get(view, provider);
    return { verdicts, slashed: slashed.toString(), lastHeight: lastHeight.toString() };
  },
});

export const calibrationsQuery = defineQuery({
  name: 'verification_calibrations',
  help: 'By which limits answers of an artifact are checked: the hash of the calibration of each engine.',
  params: struct('CalibrationsParams', { model: bytes32, artifact: bytes32 }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: { engine: { type: 'string' }, calibration: bytes32.schema, sizeBytes: u32.schema },
    },
  },
  run: ({ view }, { model, artifact }) =>
    (calibrations.table.get(view, calibrations.idOf(model, artifact))?.engines ?? []).map(
      ({ engine, calibration, sizeBytes }) => ({ engine, calibration: bytesToHex(calibration), sizeBytes }),
    ),
});
