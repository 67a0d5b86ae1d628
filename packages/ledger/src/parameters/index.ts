import { parametersQuery } from './query.ts';

/** Network parameters. */
export const parametersModule = { name: 'parameters', messages: [], queries: [parametersQuery] } as const;
