/** Makes a native engine, on this thread or on one of its own as its argument says, and ends. */
import { isMainThread, Worker } from 'node:worker_threads';
import { createNativeEngine, forbidTelemetry } from '@cairn/training/node';
import { TINY_LLAMA } from './models.ts';

const where = process.argv[2];
if (where === 'thread') forbidTelemetry();
if (isMainThread && where !== 'main') new Worker(new URL(import.meta.url), { env: {} });
else await (await createNativeEngine({ model: TINY_LLAMA, rows: 2, length: 8 }))[Symbol.asyncDispose]();
