import { createNativeCrypto } from '@cairn/chain';
import { loadExactParts } from '@cairn/training/node';
import { seedsFrom, traceRoots } from './exact-replays.ts';

const [first, count] = process.argv.slice(2).map(Number);
const parts = { ...(await loadExactParts()), crypto: createNativeCrypto() };
process.stdout.write(JSON.stringify(await traceRoots(parts, seedsFrom(first!, count!))));
