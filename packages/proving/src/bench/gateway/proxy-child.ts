/** The entry of a process: the smallest honest proxy, which hands bytes through both ways and looks at none. */
import { Agent, request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerBench, benchGiven } from './child.ts';

const { port } = benchGiven<{ port: number }>();
const agent = new Agent({ keepAlive: true });

const server = createServer((request, response) => {
  const { method = 'GET', url = '/', headers } = request;
  const asked = ask({ host: '127.0.0.1', port, agent, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  response.on('close', () => {
    if (!response.writableFinished) asked.destroy();
  });
  request.pipe(asked);
});
server.listen(0, '127.0.0.1', () => answerBench((server.address() as AddressInfo).port));
