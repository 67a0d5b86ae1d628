import { type DeploymentSpec, findSpecFault } from '@cairn/ledger';
import { NodeError } from '../errors.ts';

/** @throws NodeError `DEPLOYMENT_INVALID` with what the ledger would say, before anything is sent */
export function checkDeployment(spec: Omit<DeploymentSpec, 'code' | 'codeBytes' | 'source'>): void {
  const reason = findSpecFault({ ...spec, code: new Uint8Array(32), codeBytes: 1n, source: '' });
  if (reason !== null)
    throw new NodeError({ code: 'DEPLOYMENT_INVALID', reason }, `This cannot be deployed. ${reason}`);
}
