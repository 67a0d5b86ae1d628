import { bytesToHex, encode, utf8ToBytes } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import {
  DEPLOYMENT_EXTRA_BYTES,
  deploymentIdOf,
  deploymentNames,
  deploymentSpecShape,
  deployments,
  findSpecFault,
} from '../deployment.ts';
import { deploymentPublished } from '../events.ts';
import { publishDeploymentShape } from '../messages/deployments.ts';

export const publishDeploymentMessage = defineMessage({
  id: 160,
  name: 'compute.publish',
  help: 'Publishes a function, a model or an OCI image to run, by the hash of its code, with what each instance needs and how many there may be.',
  shape: publishDeploymentShape,
  work: () => 8,
  apply(context, { spec }) {
    const fault = findSpecFault(spec);
    if (fault !== null) return problem('DEPLOYMENT_INVALID', fault);
    const id = deploymentIdOf(context.crypto, context.sender, spec);
    const nameKey = `${bytesToHex(context.sender)}/${bytesToHex(utf8ToBytes(spec.name))}`;
    const known = deploymentNames.get(context.state, nameKey);
    if (known !== undefined) {
      return problem(
        'NAME_TAKEN',
        `The sender has a deployment ${spec.name} already: ${bytesToHex(known.deployment)}. Retire it, or choose another name.`,
      );
    }
    const deposit = recordDeposit(context, encode(deploymentSpecShape, spec).length + DEPLOYMENT_EXTRA_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    deployments.set(context.state, bytesToHex(id), {
      owner: context.sender,
      spec,
      publishedHeight: BigInt(context.block.height),
      references: 0,
      recordDeposit: deposit,
    });
    deploymentNames.set(context.state, nameKey, { deployment: id });
    deploymentPublished(context, id, context.sender, spec);
    return null;
  },
});
