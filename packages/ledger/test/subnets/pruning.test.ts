import { chooseNeuronToPrune, type PruningCandidate } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function aNeuron(overrides: Partial<PruningCandidate> = {}): PruningCandidate {
  return { uid: 0, emission: 10n, registeredAt: 0, isImmune: false, isProtected: false, ...overrides };
}

describe('chooseNeuronToPrune', () => {
  it('takes the least emission, then the oldest, then the lowest uid', () => {
    const neurons = [
      aNeuron({ uid: 4, registeredAt: 2 }),
      aNeuron({ uid: 3, registeredAt: 1 }),
      aNeuron({ uid: 2, registeredAt: 1 }),
      aNeuron({ uid: 1, emission: 11n }),
    ];
    expect(chooseNeuronToPrune(neurons, 0)).toBe(2);
    expect(chooseNeuronToPrune([...neurons, aNeuron({ uid: 9, emission: 9n })], 0)).toBe(9);
  });

  it('spares the immune while enough others remain', () => {
    const neurons = [
      aNeuron({ uid: 0, emission: 0n, isImmune: true }),
      aNeuron({ uid: 1 }),
      aNeuron({ uid: 2 }),
    ];
    expect(chooseNeuronToPrune(neurons, 1)).toBe(1);
    expect(chooseNeuronToPrune(neurons, 2)).toBe(0);
  });

  it('prunes nobody when only protected neurons, or too few others, are left', () => {
    expect(chooseNeuronToPrune([aNeuron({ isProtected: true })], 0)).toBeNull();
    expect(chooseNeuronToPrune([aNeuron(), aNeuron({ uid: 1 })], 2)).toBeNull();
    expect(chooseNeuronToPrune([], 0)).toBeNull();
  });

  it('does not depend on the order of the neurons', () => {
    const neuron = fc.record({
      uid: fc.nat({ max: 255 }),
      emission: fc.bigInt({ min: 0n, max: 3n }),
      registeredAt: fc.nat({ max: 3 }),
      isImmune: fc.boolean(),
      isProtected: fc.boolean(),
    });
    const list = fc.uniqueArray(neuron, { selector: ({ uid }) => uid, maxLength: 12 });
    fc.assert(
      fc.property(list, fc.nat({ max: 4 }), (neurons, minNonImmune) => {
        const chosen = chooseNeuronToPrune(neurons, minNonImmune);
        expect(chooseNeuronToPrune(neurons.toReversed(), minNonImmune)).toBe(chosen);
        const found = neurons.find(({ uid }) => uid === chosen);
        expect(found?.isProtected ?? false).toBe(false);
      }),
    );
  });
});
