/** The entry of a process: replays the recording on its standard input and prints the roots. Nothing native. */
import { text } from 'node:stream/consumers';
import { createPureCrypto } from '@cairn/core';
import type { Recording } from './recording.ts';
import { replayRecording } from './replay-recording.ts';

const recording = JSON.parse(await text(process.stdin)) as Recording;
const roots = replayRecording(createPureCrypto(), recording);
process.stdout.write(`${JSON.stringify({ version: process.version, roots })}\n`);
