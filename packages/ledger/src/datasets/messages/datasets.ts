import { bytes32, struct, type ValueOf } from '@cairn/core';
import { datasetCardShape } from '../card.ts';

export const publishDatasetShape = struct('PublishDataset', { card: datasetCardShape });
export type PublishDataset = ValueOf<typeof publishDatasetShape>;

export const retireDatasetShape = struct('RetireDataset', { dataset: bytes32 });
export type RetireDataset = ValueOf<typeof retireDatasetShape>;
