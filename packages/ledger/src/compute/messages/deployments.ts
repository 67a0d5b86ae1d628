import { bytes32, struct, type ValueOf } from '@cairn/core';
import { deploymentSpecShape } from '../deployment.ts';

export const publishDeploymentShape = struct('PublishDeployment', { spec: deploymentSpecShape });
export type PublishDeployment = ValueOf<typeof publishDeploymentShape>;

export const retireDeploymentShape = struct('RetireDeployment', { deployment: bytes32 });
export type RetireDeployment = ValueOf<typeof retireDeploymentShape>;
