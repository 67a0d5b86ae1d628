/**
 * Loaded before the program, in each of its threads: a trainer whose program was changed so that the second inner step
 * of each round is made on the data of the third.
 */
import { registerHooks } from 'node:module';

const MACHINE = '/training/src/machine/machine.ts';
const HONEST = 'data.batch(task.firstBatch + step)';
const ALTERED = 'data.batch(task.firstBatch + step + (step === 1 ? 1 : 0))';

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(MACHINE)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(HONEST)) throw new Error(`${MACHINE} does not read its data as it did.`);
    return { ...loaded, source: source.replace(HONEST, ALTERED) };
  },
});
