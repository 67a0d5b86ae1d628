import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import {
  acceptBidShape,
  accounts,
  bids,
  type DeploymentSpec,
  deploymentIdOf,
  makeBidShape,
  namedLeaseShape,
  namedOrderShape,
  orderIdOf,
  placeOrderShape,
  publishDeploymentShape,
  retireDeploymentShape,
  topUpLeaseShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

function known({ ids, random }: SimulationScene, name: string): Uint8Array {
  const list = ids(name);
  return list.length === 0 || random.oneIn(12) ? random.bytes(32) : hexToBytes(random.pick(list));
}

function publishCall({ random, people, crypto, ids }: SimulationScene): SimulatedCall {
  const sender = random.pick(people);
  const spec: DeploymentSpec = {
    name: random.oneIn(10) ? 'No Name' : `function-${random.below(6)}`,
    kind: random.oneIn(2) ? 'wasm' : 'javascript',
    code: random.bytes(32),
    codeBytes: 1n + random.belowBig(10_000n),
    source: 'memory',
    resources: { cpuMilli: 1_000, memoryMib: 64, timeMs: 1_000, gpus: random.oneIn(10) ? 1 : 0 },
    minInstances: 0,
    maxInstances: random.below(5),
  };
  ids('deployments').push(bytesToHex(deploymentIdOf(crypto, sender.account, spec)));
  return {
    sender,
    messageId: messageIdOf('compute.publish'),
    message: encode(publishDeploymentShape, { spec }),
  };
}

function orderCall(scene: SimulationScene): SimulatedCall {
  const { random, people, crypto, chainId, view, ids, height } = scene;
  const sender = random.pick(people);
  const nonce = accounts.get(view, sender.account)?.nonce ?? 0n;
  ids('computeOrders').push(bytesToHex(orderIdOf(crypto, chainId, sender.account, nonce)));
  const message = encode(placeOrderShape, {
    deployment: known(scene, 'deployments'),
    netuid: random.below(3),
    maxPerSlot: random.belowBig(20_000_000n),
    minBond: random.belowBig(10_000_000n),
    minReclaimSlots: random.below(10),
    expirySlot: BigInt(height) + random.belowBig(200n),
  });
  return { sender, messageId: messageIdOf('compute.order'), message };
}

function bidCall(scene: SimulationScene): SimulatedCall {
  const { random, people } = scene;
  const terms = {
    perSlot: random.belowBig(20_000_000n),
    price: {
      inputPerMillion: random.belowBig(1_000n),
      cachedInputPerMillion: 0n,
      outputPerMillion: random.belowBig(1_000n),
      perRequest: 0n,
      perImage: 0n,
      perAudioSecond: 0n,
    },
    bond: random.belowBig(30_000_000n),
    reclaimSlots: random.below(20),
    peer: 'memory',
  };
  const message = encode(makeBidShape, { order: known(scene, 'computeOrders'), terms });
  return { sender: random.pick(people), messageId: messageIdOf('compute.bid'), message };
}

/** Takes the first bid of an order that has one, by its tenant or by somebody else. */
function acceptCall(scene: SimulationScene): SimulatedCall {
  const { random, people, view } = scene;
  const order = known(scene, 'computeOrders');
  const [first] = bids.ids(view, `${bytesToHex(order)}/`);
  const provider = first === undefined ? random.pick(people).account : hexToBytes(first.split('/')[1]!);
  const message = encode(acceptBidShape, { order, provider, funds: random.belowBig(500_000_000n) });
  return { sender: random.pick(people), messageId: messageIdOf('compute.accept'), message };
}

/** Deployments, orders, bids and leases: taken, topped up, closed, reclaimed, abandoned, run dry. */
export const computeGenerator: CallGenerator = {
  module: 'compute',
  weight: 7,
  call(scene) {
    const { random, people } = scene;
    const sender = random.pick(people);
    const ofOrder = (name: string) => ({
      sender,
      messageId: messageIdOf(name),
      message: encode(namedOrderShape, { order: known(scene, 'computeOrders') }),
    });
    const ofLease = (name: string) => ({
      sender,
      messageId: messageIdOf(name),
      message: encode(namedLeaseShape, { lease: known(scene, 'computeOrders') }),
    });
    switch (random.below(14)) {
      case 0:
        return publishCall(scene);
      case 1: {
        const message = encode(retireDeploymentShape, { deployment: known(scene, 'deployments') });
        return { sender, messageId: messageIdOf('compute.retire'), message };
      }
      case 2:
      case 3:
        return orderCall(scene);
      case 4:
      case 5:
        return bidCall(scene);
      case 6:
        return ofOrder('compute.withdrawBid');
      case 7:
        return ofOrder('compute.cancelOrder');
      case 8:
        return ofLease('compute.close');
      case 9:
        return ofLease('compute.announceReclaim');
      case 10:
        return ofLease('compute.abandon');
      case 11: {
        const lease = known(scene, 'computeOrders');
        const message = encode(topUpLeaseShape, { lease, amount: random.belowBig(100_000_000n) });
        return { sender, messageId: messageIdOf('compute.topUp'), message };
      }
      default:
        return acceptCall(scene);
    }
  },
};
