import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn model calibration` */
export function createModelCalibrationCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'calibration',
    help: 'Says by which limits answers of a model of yours are checked: a file that verify calibrate wrote. The running node keeps it and hands it to validators.',
    examples: ['model calibration someone/weather ./weather.calibration --wallet savings'],
    words: [
      ['<model>', 'its id or name, from model list'],
      ['<file>', 'the calibration'],
    ],
    async build({ connection, words: [given = '', file = ''] }) {
      const { readFile } = await import('node:fs/promises');
      const { resolve } = await import('node:path');
      const { bytesToHex, hexToBytes } = await import('@cairn/core');
      const { describeCalibration } = await import('@cairn/proving');
      const { depositOfRecord, fetchModels, fetchParameters } = await import('@cairn/sdk');
      const { askNode } = await import('../answer/ask-node.ts');
      const { asHex, asObject } = await import('../answer/checks.ts');
      const { findModel } = await import('./find-model.ts');
      const bytes = new Uint8Array(await readFile(resolve(cli.folder, file)));
      const { artifact, engine, answers, environments } = describeCalibration(bytes);
      const model = await findModel(connection, await fetchModels(connection.ledger), given);
      const calibration = bytesToHex(bytes);
      const kept = await askNode(
        connection,
        'node_keepCalibration',
        { calibration },
        asObject({ id: asHex }),
      );
      return {
        message: 'verification.publishCalibration',
        value: {
          ...{ model: hexToBytes(model.id), artifact: hexToBytes(artifact), engine },
          calibration: hexToBytes(kept.id),
          sizeBytes: bytes.length,
        },
        what: `Publish the limits of ${model.card.name} on ${engine}`,
        amount: 0n,
        deposit: depositOfRecord(await fetchParameters(connection.ledger), 'calibrations'),
        details: [
          ['artifact', artifact],
          ['measured', `${answers} answers in ${environments.length} environments`],
        ],
        plan: { model: model.id, artifact, engine, calibration: kept.id },
      };
    },
  });
}
