import { areBytesEqual, bytesToHex, utf8ToBytes } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { deploymentNames, deployments } from '../deployment.ts';
import { deploymentRetired } from '../events.ts';
import { retireDeploymentShape } from '../messages/deployments.ts';
import { deploymentUnknown } from '../problems.ts';

export const retireDeploymentMessage = defineMessage({
  id: 161,
  name: 'compute.retire',
  help: 'Removes a deployment of the sender to which no order and no lease refers, and gives its deposit back.',
  shape: retireDeploymentShape,
  work: () => 6,
  apply(context, { deployment: id }) {
    const hex = bytesToHex(id);
    const deployment = deployments.get(context.state, hex);
    if (deployment === undefined) return deploymentUnknown(id);
    const { owner, spec, references, recordDeposit } = deployment;
    if (!areBytesEqual(owner, context.sender))
      return problem('NOT_OWNER', `Only its owner can retire deployment ${hex}.`);
    if (references > 0) {
      return problem(
        'DEPLOYMENT_IN_USE',
        `${references} orders and leases refer to deployment ${hex}. Close them first.`,
      );
    }
    deployments.delete(context.state, hex);
    deploymentNames.delete(context.state, `${bytesToHex(owner)}/${bytesToHex(utf8ToBytes(spec.name))}`);
    releaseDeposit(context, owner, recordDeposit);
    deploymentRetired(context, id, owner);
    return null;
  },
});
