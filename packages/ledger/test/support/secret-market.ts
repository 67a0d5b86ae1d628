import { neurons, subnets, uids } from '../../src/index.ts';
import { CAIRN, type Call, type TestChain } from './chain.ts';
import { aMarket, commitCall, expectDone, type Person, revealCall, secretOf, untilEpoch } from './market.ts';

type Events = ReturnType<typeof untilEpoch>;

export const ROW = { 2: 3, 3: 1 };
export const sendCall = (chain: TestChain, { from, name, message }: Call, change: object = {}) =>
  chain.send(from, name, { ...(message as object), ...change });
export const eventOf = (events: Events, name: string) =>
  events.filter((event) => event.name === name).map(({ data }) => data);

/** Epoch 2 of a subnet with commit–reveal, whose two validators have permits and three salts each. */
export async function aSecretMarket(options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aMarket({ commitReveal: true, ...options });
  untilEpoch(market.chain);
  return market;
}

/** Epoch 3: both have committed in epoch 2, nobody has revealed. */
export async function afterCommits(options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aSecretMarket(options);
  const { chain, validators } = market;
  const secrets = validators.map((person) => secretOf(person, 2, ROW, 0));
  expectDone(chain.block(validators.map((person, index) => commitCall(person, secrets[index]!))));
  untilEpoch(chain);
  return { ...market, secrets };
}

/** One epoch of honest work: reveals what is due, commits to the next, and lets the epoch end. */
export function workEpoch(chain: TestChain, people: readonly Person[], epoch: number, row = ROW): Events {
  expectDone(
    chain.block(
      people.map((person) => revealCall(person, secretOf(person, epoch - 1, row, epoch - 3), epoch)),
    ),
  );
  expectDone(
    chain.block(people.map((person) => commitCall(person, secretOf(person, epoch, row, epoch - 2)))),
  );
  return untilEpoch(chain);
}

/** Makes a uid the next to be pruned, and takes its own place from a person who will register. */
export function prepareToPrune(chain: TestChain, uid: number, newcomer: Person): void {
  const subnet = subnets.get(chain.view, 1)!;
  const { neuronCount } = subnet;
  const hyperparameters = {
    ...subnet.hyperparameters,
    maxUids: neuronCount,
    minNonImmuneUids: 0,
    immunitySlots: 0,
  };
  chain.edit((state) => {
    subnets.set(state, 1, { ...subnet, hyperparameters });
    for (let other = 0; other < neuronCount; other += 1) {
      const emission = other === uid ? 0n : CAIRN;
      neurons.set(state, 1, other, { ...neurons.get(chain.view, 1, other)!, emission });
    }
    uids.delete(state, 1, newcomer.hotkey.account);
  });
}
