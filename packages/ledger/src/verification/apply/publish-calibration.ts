import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { models } from '../../registry/state.ts';
import { calibrationPublished } from '../events.ts';
import { publishCalibrationShape } from '../messages/calibrations.ts';
import {
  CALIBRATIONS_BYTES,
  type Calibrations,
  calibrations,
  MAX_CALIBRATED_ENGINES,
  NO_REVEAL,
} from '../state.ts';

export const publishCalibrationMessage = defineMessage({
  id: 189,
  name: 'verification.publishCalibration',
  help: 'Says by which limits answers of an artifact on an engine are checked; replaces those said before, and with zero takes them back. From the owner of the model; of one that is retired, from who published them, to take them back.',
  shape: publishCalibrationShape,
  work: () => 8,
  apply(context, message) {
    const { model, artifact, engine, calibration, sizeBytes } = message;
    const { state, sender } = context;
    const id = calibrations.idOf(model, artifact);
    const before = calibrations.table.get(state, id);
    const card = models.get(state, bytesToHex(model))?.card;
    const owner = before?.owner ?? card?.owner;
    const isGiven = !areBytesEqual(calibration, NO_REVEAL);
    if (owner === undefined || (isGiven && card === undefined))
      return problem('MODEL_UNKNOWN', `No model ${bytesToHex(model)} is registered. Publish its card first.`);
    if (!areBytesEqual(owner, sender))
      return problem(
        'NOT_MODEL_OWNER',
        `Model ${bytesToHex(model)} belongs to ${accountIdToAddress(owner)}.`,
      );
    if (isGiven && card?.artifacts.some(({ sha256 }) => areBytesEqual(sha256, artifact)) !== true)
      return problem(
        'ARTIFACT_UNKNOWN',
        `Model ${bytesToHex(model)} has no artifact ${bytesToHex(artifact)}.`,
      );
    if (engine === '') return problem('ENGINE_UNNAMED', 'Name the engine and its release.');
    const others = before?.engines.filter((entry) => entry.engine !== engine) ?? [];
    if (!isGiven && others.length === (before?.engines.length ?? 0))
      return problem('CALIBRATION_UNKNOWN', `There is no calibration of ${engine} to take back.`);
    if (isGiven && others.length >= MAX_CALIBRATED_ENGINES)
      return problem(
        'CALIBRATIONS_FULL',
        `An artifact has calibrations of at most ${MAX_CALIBRATED_ENGINES} engines.`,
      );
    const engines: Calibrations['engines'] = isGiven
      ? [...others, { engine, calibration, sizeBytes }]
      : others;
    let deposit = before?.deposit;
    if (deposit === undefined) {
      deposit = recordDeposit(context, CALIBRATIONS_BYTES);
      const refused = holdDeposit(context, sender, deposit);
      if (refused !== null) return refused;
    }
    if (engines.length > 0) calibrations.table.set(state, id, { owner, engines, deposit });
    else {
      calibrations.table.delete(state, id);
      releaseDeposit(context, owner, deposit);
    }
    calibrationPublished(context, message);
    return null;
  },
});
