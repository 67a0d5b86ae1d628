import { configDefaults, defineConfig } from 'vitest/config';

/** Suites that take minutes are `*.long.test.ts`; `./cairn test --all` runs them too. */
const isLong = process.env.CAIRN_TEST_LONG === '1';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isLong ? [] : ['**/*.long.test.ts'])],
    testTimeout: isLong ? 1_800_000 : 60_000,
    hookTimeout: isLong ? 300_000 : 60_000,
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--conditions=source'],
  },
});
