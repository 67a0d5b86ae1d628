import { createPureCrypto } from '@cairn/core';
import { loadExactParts } from '@cairn/training/node';
import { seedsFrom, traceRoots } from './exact-replays.ts';

const [first, count] = process.argv.slice(2).map(Number);
const parts = { ...(await loadExactParts()), crypto: createPureCrypto() };
process.stdout.write(JSON.stringify(await traceRoots(parts, seedsFrom(first!, count!))));
