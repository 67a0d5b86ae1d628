/** The entry of a process: a gateway with a key, a budget, durable books and one provider behind a socket. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, openRecordStore, systemClock, systemRandom, systemTimer } from '@cairn/node';
import { answerBench, BENCH_KEY, benchGiven, connectToSocket } from '@cairn/proving';
import { createPayer, type InferRequest, infer } from '@cairn/sdk';
import { catalogue, chainId, channels, crypto, log, payerSigner } from './market.ts';

const { socket, records } = benchGiven<{ socket: string; records: string }>();
const transport = await connectToSocket(socket);
const books = openRecordStore(records);
const payer = createPayer(
  { crypto, chainId, signer: payerSigner, ledger: channels, records: books, timer: systemTimer, log },
  { deposit: 10n ** 15n },
);
const parts = { crypto, random: systemRandom, transport, payer, timer: systemTimer };
const gateway = createGateway(
  {
    clock: systemClock,
    random: systemRandom,
    log,
    catalogue,
    infer: (request: InferRequest) => infer(parts, request),
    receipt: (id: string) => payer.receipt(id),
    records: books,
    timer: systemTimer,
  },
  { keys: [BENCH_KEY], meter: { dailyLimit: 10n ** 15n } },
);
const server = createServer(async (request, response) => {
  if (!(await gateway.handle(request, response))) response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => answerBench((server.address() as AddressInfo).port));
