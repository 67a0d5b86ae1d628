import type { Connection } from '../connect.ts';
import { askNode } from './ask-node.ts';
import { asAmount, asIs, asList, asObject, asText, type Check } from './checks.ts';

/** One entry of `parameters_list`. */
export interface ParameterView {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly initial: string;
  readonly min: string;
  readonly max: string;
  readonly source: string;
  readonly changedBy: string;
  readonly help: string;
}

const asParameter: Check<ParameterView> = asIs(
  asObject({
    name: asText,
    value: asAmount,
    unit: asText,
    initial: asAmount,
    min: asAmount,
    max: asAmount,
    source: asText,
    changedBy: asText,
    help: asText,
  }),
);

/** Every network parameter, with what it means. */
export const fetchParameterList = (connection: Connection): Promise<ParameterView[]> =>
  askNode(connection, 'parameters_list', {}, asList(asParameter));
