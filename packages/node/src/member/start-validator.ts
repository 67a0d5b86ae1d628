import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { bytesToHex } from '@cairn/core';
import { createLlamaEngine } from '@cairn/engines';
import { createAccountClient } from '@cairn/sdk';
import { createReviewers, type HeldModel } from '../checking/reviewers.ts';
import { createFileBlobStore } from '../data/blob-store.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import { resolveModel } from '../models/resolve-model.ts';
import { startCheckingRole } from '../roles/checking-role.ts';
import { ensureProvider } from '../sealing/ledger-keys.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import { fundedClient, type MemberPlace, type StartedRole } from './member-place.ts';
import { startMemberJudging } from './start-judging.ts';

/** Name of the role that checks providers, and of the account that asks them. */
const VALIDATOR = 'validator';
const SHOPPER = 'shopper';

/**
 * A validator in a process of its own: checks the providers of the files it holds, accuses where it has a vote, and
 * tells those who have one where it has none. It judges the training runs whose rounds name it as a judge.
 *
 * @throws NodeError `START_FAILED` without a model file, EngineError when one cannot be loaded
 */
export async function startMemberValidator(
  place: MemberPlace,
  stack: AsyncDisposableStack,
): Promise<StartedRole> {
  const { parts, ledger, folder, peers, nodes, onStep } = place;
  const key = await openRoleKey(folder, parts.crypto, VALIDATOR, 'hotkey');
  const client = await fundedClient(place, key);
  const held = await loadModels(place, stack);
  // So that other validators find what this one shows.
  const sealing = await openSealingKeys(folder.keysPath(VALIDATOR), createNativeSealCrypto());
  await ensureProvider(ledger, client, sealing.current.public, peers.device);
  const { signer } = await openRoleKey(folder, parts.crypto, SHOPPER, 'hotkey');
  const shopper = createAccountClient({ crypto: parts.crypto, signer, ledger });
  const role = stack.use(
    startCheckingRole(parts, {
      name: VALIDATOR,
      client,
      shopper,
      transport: peers.join(client.address),
      shopperTransport: peers.join(shopper.address),
      records: openRecordStore(folder.rolePath(VALIDATOR)),
      blobs: createFileBlobStore(folder.blobsPath),
      reviewers: createReviewers(held),
      nodes,
    }),
  );
  const { library } = startMemberJudging(place, { name: VALIDATOR, client }, stack);
  for (const { artifact } of held) onStep({ step: 'checks', artifact: bytesToHex(artifact) });
  return { role, gateway: null, key, checks: role, library };
}

async function loadModels(place: MemberPlace, stack: AsyncDisposableStack): Promise<HeldModel[]> {
  const { parts, folder, settings } = place;
  const sources = settings.model.split(',').flatMap((source) => source.trim() || []);
  if (sources.length === 0) {
    throw new NodeError(
      { code: 'START_FAILED', step: 'model' },
      'A validator checks answers with the files that providers say they serve. Name them with --model, with commas between.',
    );
  }
  const llama = stack.use(createLlamaEngine({ ...parts, log: parts.log.child('llama') }));
  const places = { ...parts, folder: join(folder.path, 'models'), ollamaUrl: settings.ollamaUrl };
  const held: HeldModel[] = [];
  for (const source of sources) {
    const { engine, file, artifact } = await resolveModel(places, source);
    if (engine !== null) {
      throw new NodeError(
        { code: 'START_FAILED', step: 'model' },
        `${source} runs in another program, which shows no log probabilities to check with. Name a GGUF file.`,
      );
    }
    const { threads, contextTokens } = settings;
    const model = stack.use(await llama.load(file, { threads, contextTokens }));
    held.push({ artifact: artifact.sha256, model });
  }
  return held;
}
