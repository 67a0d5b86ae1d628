import { parseArgs } from 'node:util';
import { runTests } from './run-tests.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    require: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    shard: { type: 'string' },
  },
});
process.exitCode = await runTests({ ...values, filters: positionals });
