import { loadExactParts } from '@cairn/training/node';
import { exactDigests } from './exact-digest.ts';

process.stdout.write(JSON.stringify(await exactDigests(await loadExactParts())));
