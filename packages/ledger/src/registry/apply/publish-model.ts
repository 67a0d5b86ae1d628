import { areBytesEqual, bytesToHex, encode, utf8ToBytes } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { findCardFault, modelCardShape, modelIdOf } from '../card.ts';
import { modelPublished } from '../events.ts';
import { publishModelShape } from '../messages/models.ts';
import { royaltiesShape } from '../royalties.ts';
import { isModelRegistered, MODEL_EXTRA_BYTES, modelNames, models } from '../state.ts';
import { keepRoyalties, resolveRoyalties } from './sold-artifacts.ts';

export const publishModelMessage = defineMessage({
  id: 64,
  name: 'registry.publishModel',
  help: 'Registers a model, or a new version of one. The card is stored whole against a refundable deposit.',
  shape: publishModelShape,
  work: ({ card }) => 8 + 2 * card.artifacts.length + card.parents.length,
  apply(context, { card }) {
    const fault = findCardFault(card);
    if (fault !== null) return problem('CARD_INVALID', fault);
    if (!areBytesEqual(card.owner, context.sender))
      return problem('NOT_OWNER', 'A card is published by the owner it names.');
    const id = modelIdOf(context.crypto, card);
    if (isModelRegistered(context.state, id)) {
      return problem(
        'MODEL_EXISTS',
        `Model ${card.name} ${card.version} is already registered as ${bytesToHex(id)}.`,
      );
    }
    const missing = card.parents.find((parent) => !isModelRegistered(context.state, parent));
    if (missing !== undefined)
      return problem('PARENT_UNKNOWN', `Parent ${bytesToHex(missing)} is not registered.`);
    const nameKey = bytesToHex(utf8ToBytes(card.name));
    const newest = modelNames.get(context.state, nameKey)?.model ?? null;
    const earlier = newest === null ? undefined : models.get(context.state, bytesToHex(newest));
    if (earlier !== undefined && !areBytesEqual(earlier.card.owner, context.sender)) {
      return problem('NAME_TAKEN', `The name ${card.name} belongs to another account. Choose another.`);
    }
    const resolved = resolveRoyalties(context, id, card);
    if ('refused' in resolved) return resolved.refused;
    const { royalties } = resolved;
    const sizeBytes = encode(modelCardShape, card).length + encode(royaltiesShape, royalties).length;
    const deposit = recordDeposit(context, sizeBytes + MODEL_EXTRA_BYTES);
    const refused =
      holdDeposit(context, context.sender, deposit) ?? keepRoyalties(context, id, card, royalties);
    if (refused !== null) return refused;
    models.set(context.state, bytesToHex(id), {
      card,
      publishedHeight: BigInt(context.block.height),
      recordDeposit: deposit,
      royalties,
      earlierVersion: newest,
      laterVersion: null,
    });
    if (earlier !== undefined && newest !== null)
      models.set(context.state, bytesToHex(newest), { ...earlier, laterVersion: id });
    modelNames.set(context.state, nameKey, { model: id });
    modelPublished(context, id, card);
    return null;
  },
});
