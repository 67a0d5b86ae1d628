// Run as a program: loads a model, asks it once, closes it, and must then end by itself.
import { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { createLlamaEngine } from '../src/index.ts';
import { aClock, aLogger, aRandom } from './parts.ts';

const counted = { connections: 0, children: 0 };
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  counted.connections += 1;
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;
interface SpawnOptions {
  readonly args?: readonly string[];
}
const prototype = ChildProcess.prototype as unknown as { spawn: (options: SpawnOptions) => unknown };
const spawn = prototype.spawn;
prototype.spawn = function (options) {
  // The library tries its binary in a process of its own first, so that a bad one cannot take this one down.
  if (!(options.args ?? []).some((word) => word.endsWith('testBindingBinary.js'))) counted.children += 1;
  return Reflect.apply(spawn, this, [options]);
};

let answer = '';
{
  await using engine = createLlamaEngine({ clock: aClock(), random: aRandom(), log: aLogger() });
  await using model = await engine.load({ location: process.argv[2]!, format: 'gguf' }, { threads: 1 });
  const prompt = {
    kind: 'chat' as const,
    messages: [{ role: 'user' as const, content: 'every weekday at 9:30 am' }],
  };
  const request = { prompt, maxTokens: 40, temperature: 0, topP: 1, stop: [], topLogprobs: 0 };
  for await (const event of model.generate(request)) if (event.type === 'delta') answer += event.text;
}
process.stdout.write(JSON.stringify({ answer, ...counted }));
