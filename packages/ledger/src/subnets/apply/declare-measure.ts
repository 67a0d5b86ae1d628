import { areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { epochs } from '../../yuma/state.ts';
import { changeDelay } from '../change-time.ts';
import { measureDeclared } from '../events.ts';
import { type Measure, measureOf } from '../measure.ts';
import { declareMeasureShape } from '../messages/declare-measure.ts';
import { notSubnetOwner, subnetUnknown } from '../problems.ts';
import { subnets } from '../state.ts';

/** Epochs from the declaration on that are still scored as before: the one under way, and one to prepare. */
const NOTICE_EPOCHS = 2;

export const declareMeasureMessage = defineMessage({
  id: 40,
  name: 'subnets.declareMeasure',
  help: 'Declares by which program a mechanism of a subnet scores, from the epoch after next on; by its owner, seldom. Validators do not attest evidence that names another.',
  shape: declareMeasureShape,
  work: () => 10,
  apply(context, { netuid, mechanism, ...current }) {
    const { state, sender, slot } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    if (!areBytesEqual(subnet.owner, sender)) return notSubnetOwner(netuid, subnet.owner);
    const entry = subnet.mechanisms[mechanism];
    if (entry === undefined) {
      return problem(
        'MECHANISM_UNKNOWN',
        `Subnet ${netuid} has ${subnet.mechanisms.length} mechanisms, from 0; there is no ${mechanism}.`,
      );
    }
    if (current.id === '') return problem('MEASURE_EMPTY', 'Name the program by its id.');
    const before = entry.measure;
    const delay = before === null ? null : changeDelay(context, netuid, before.declaredSlot);
    if (delay !== null) {
      const when = 'allowedFrom' in delay ? delay.allowedFrom : delay.nextEpoch;
      return problem(
        'MEASURE_DECLARED_RECENTLY',
        `What mechanism ${mechanism} of subnet ${netuid} measures by can be declared again from slot ${when} on; this is ${slot}.`,
      );
    }
    const { epoch } = epochs.get(state, netuid)!;
    const measure: Measure = {
      current,
      fromEpoch: epoch + NOTICE_EPOCHS,
      // One that never came into force is forgotten: what holds now goes on until the new one does.
      previous: measureOf(before, epoch),
      declaredSlot: slot,
    };
    const mechanisms = subnet.mechanisms.map((other, index) =>
      index === mechanism ? { ...other, measure } : other,
    );
    subnets.set(state, netuid, { ...subnet, mechanisms });
    measureDeclared(context, netuid, mechanism, measure);
    return null;
  },
});
