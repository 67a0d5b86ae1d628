import { describe, expect, it } from 'vitest';
import { GATEWAY, OWNER, sentBy, transfer, VALIDATOR } from './economy-node.ts';
import { startFakeNode } from './fake-node.ts';
import { announced, challenged, ID, OTHER, rich, TUNED } from './rich-node.ts';
import { run } from './run.ts';

/** What is typed, and what of the message it has to send. */
const VERBS: readonly [words: string, message: string, value: object][] = [
  ['stake move validator-1 OTHER 2', 'staking.moveStake', { netuid: 0, to: OTHER, amount: '2000000000' }],
  ['stake move validator-1 OTHER all --subnet 2', 'staking.moveStake', { netuid: 2, amount: null }],
  ['stake send validator-1 gateway 1.5', 'staking.transferStake', { to: GATEWAY, amount: '1500000000' }],
  ['stake release owner', 'staking.release', { coldkey: OWNER }],
  ['stake auto 2 validator-1', 'staking.setAutoStake', { netuid: 2, hotkey: VALIDATOR }],
  ['stake auto 2 none', 'staking.setAutoStake', { hotkey: null }],
  ['stake dividends validator-1 keep all', 'staking.setRootClaim', { kind: 'keep', amount: null }],
  ['stake dividends validator-1 swap 2', 'staking.setRootClaim', { kind: 'swap', amount: '2000000000' }],
  ['stake claim validator-1 --subnet 2', 'staking.claimRoot', { netuid: 2, hotkey: VALIDATOR }],
  ['hotkey take validator-1 9.5%', 'staking.setTake', { hotkey: VALIDATOR, takeBps: 950 }],
  ['hotkey child-take validator-1 5 --subnet 2', 'staking.setChildTake', { netuid: 2, takeBps: 500 }],
  ['hotkey remove validator-1', 'staking.dissociateHotkey', { hotkey: VALIDATOR }],
  [
    'hotkey lend validator-1 --subnet 2 --to OTHER=50%,GATEWAY=12.5%',
    'staking.setChildren',
    {
      children: [
        { hotkey: OTHER, proportion: ((1n << 63n) - 1n).toString() },
        { hotkey: GATEWAY, proportion: ((1n << 61n) - 1n).toString() },
      ],
    },
  ],
  ['hotkey lend validator-1 --subnet 2 --to none', 'staking.setChildren', { children: [] }],
  ['subnet dissolve 2', 'subnets.dissolve', { netuid: 2 }],
  ['subnet claim 2', 'subnets.claimDissolved', { holder: OWNER, hotkey: VALIDATOR }],
  [
    'subnet set 2 tempo=300,burnMin=0.5CAIRN',
    'subnets.setHyperparameters',
    {
      changes: [
        { name: 'tempo', value: '300' },
        { name: 'burnMin', value: '500000000' },
      ],
    },
  ],
  ['subnet declare 2 0 crontab 1 2', 'subnets.declareMeasure', { id: 'crontab', version: 1 }],
  ['subnet mechanisms 2 60%,40%', 'subnets.setMechanisms', { split: [39_321, 26_214] }],
  ['proposal cancel 1', 'governance.cancelProposal', { proposal: 1 }],
  ['proposal council 1 delay', 'governance.councilAct', { proposal: 1, action: 'delay' }],
  ['proposal confirm 1 0', 'governance.completeMilestone', { proposal: 1, milestone: 0 }],
  ['proposal claim 1 1', 'governance.claimGrant', { proposal: 1, milestone: 1 }],
  [
    'proposal delegate gateway --conviction 2',
    'governance.delegateVotes',
    { to: GATEWAY, conviction: 2, hotkeys: [VALIDATOR] },
  ],
  ['proposal undelegate', 'governance.undelegateVotes', { from: GATEWAY }],
  ['proposal withdraw 1 --voter gateway', 'governance.withdrawVote', { voter: GATEWAY }],
  ['key guard gateway,OTHER 2', 'accounts.setRecovery', { threshold: 2 }],
  ['key guard none 0', 'accounts.setRecovery', { guardians: [], threshold: 0 }],
  ['key approve OTHER VALIDATOR', 'accounts.approveRecovery', { account: OTHER, newKey: VALIDATOR }],
  ['key clear', 'accounts.clearKeyChange', { account: OWNER }],
  ['account close gateway', 'accounts.close', { beneficiary: GATEWAY }],
  [`multisig cancel OTHER ${ID}`, 'accounts.cancelMultisig', { multisig: OTHER, proposal: ID }],
  [`delegate reject owner gateway ${ID}`, 'accounts.rejectProxyCall', { delegate: GATEWAY, callHash: ID }],
  [
    `subkey run gateway accounts.transfer --value ${transfer}`,
    'accounts.spendAs',
    { owner: GATEWAY, call: { messageId: 1 } },
  ],
  ['channel open OTHER 5 --subnet 2', 'channels.open', { payee: OTHER, netuid: 2, deposit: '5000000000' }],
  [`channel top-up ${ID} 5`, 'channels.topUp', { channel: ID, amount: '5000000000' }],
  [
    `provider set --sealing ${ID} --device ${ID}=/dns4/a.example/tcp/1,/ip4/192.0.2.1/udp/1/quic-v1 --in 50 --region de`,
    'registry.setProvider',
    {
      terms: {
        sealing: { x25519: ID, xWing: '' },
        devices: [
          {
            peerKey: ID,
            addresses: ['/dns4/a.example/tcp/1', '/ip4/192.0.2.1/udp/1/quic-v1'],
            expirySlot: '150',
          },
        ],
        region: 'de',
      },
    },
  ],
  [`provider set --sealing ${ID}`, 'registry.setProvider', { terms: { devices: [], region: '' } }],
  ['provider remove', 'registry.removeProvider', { provider: OWNER }],
  ['provider remove gateway', 'registry.removeProvider', { provider: GATEWAY }],
  [
    `model alias me/maps:small me/tuned,${ID}`,
    'registry.setAlias',
    { name: 'me/maps', tag: 'small', models: [TUNED, ID] },
  ],
  ['model alias me/maps:small none', 'registry.removeAlias', { name: 'me/maps', tag: 'small' }],
  [`model clear ${ID} ${TUNED}`, 'registry.clearRoyalties', { model: ID, artifact: TUNED }],
  ['model retire me/maps', 'registry.retireModel', { model: ID }],
  [`model withdraw ${ID}`, 'registry.withdrawOffer', { offer: ID }],
];
const NAMES: Readonly<Record<string, string>> = { OTHER, GATEWAY, VALIDATOR };
const wordsOf = (text: string): string[] =>
  text.split(' ').map((word) => word.replace(/OTHER|GATEWAY|VALIDATOR/g, (name) => NAMES[name]!));

describe('verbs that send one message', () => {
  it.each(VERBS)('%s', async (text, message, value) => {
    await using node = await startFakeNode(rich);
    const words = wordsOf(text);
    const signed = [...words, '--wallet', 'owner', '--data', node.data];
    const dry = await run([...signed, '--dry-run']);
    expect(dry).toMatchObject({ exitCode: 0, err: '' });
    expect(dry.out).toContain(`\n  ${message} {`);
    expect(dry.out).toMatch(/\n {2}fee +\d/);
    const json = await run([...signed, '--dry-run', '--json']);
    expect(json.json()).toMatchObject({ message, value, from: OWNER, fee: expect.any(String), sent: false });
    expect(await run(signed)).toMatchObject({ exitCode: 2, out: '' });
    const declined = await run(signed, { answers: ['n'] });
    expect(declined).toMatchObject({ exitCode: 1, out: '' });
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
    expect(await sentBy(node, words)).toMatchObject({ message, value });
    expect(node.calls.findLast(({ method }) => method === 'node_send')?.params).toMatchObject({
      value: json.json<{ value: object }>().value,
    });
  });

  it.each([
    ['stake move validator-1 validator-1 2', 2, 'Name two hotkeys'],
    ['stake move validator-1 OTHER 8', 1, 'At this hotkey are 7 CAIRN, less than 8 CAIRN'],
    ['stake move OTHER validator-1 all', 1, 'has no CAIRN at hotkey'],
    ['stake move validator-1 OTHER -2', 2, ''],
    ['stake send validator-1 owner 1', 2, 'yours already'],
    ['stake dividends validator-1 hold all', 2, 'to keep or to swap'],
    ['stake claim OTHER --subnet 2', 1, 'No tokens of subnet 2 are kept'],
    ['hotkey take validator-1 18.01%', 2, 'A take is at most 18 % here'],
    ['hotkey take validator-1 9.123%', 2, 'at most two decimals'],
    ['hotkey lend validator-1 --subnet 2 --to OTHER=60%,GATEWAY=60%', 2, 'add up to 120 %'],
    ['hotkey lend validator-1 --subnet 2 --to OTHER', 2, 'hotkey=percent'],
    ['hotkey add validator-1', 2, 'cannot sign here'],
    ['subnet cancel-dissolve 2', 1, 'Subnet 2 goes on'],
    ['subnet match 2', 1, 'Nobody wants its place'],
    ['subnet claim 7', 1, 'nothing to claim of subnet 7'],
    ['subnet set 2 tempo=4', 2, 'tempo is from 5 to 1000000000000 slots, not 4'],
    ['subnet declare 2 0 crontab one 2', 2, 'A version is a number'],
    ['subnet mechanisms 2 60%,30%', 2, 'do not sum to 100 %'],
    ['subnet set 2 tempi=4', 2, 'There is no hyperparameter tempi'],
    ['subnet set 2 tempo=5CAIRN', 2, 'tempo is given in slots'],
    ['subnet set 2 tempo=50,tempo=60', 2, 'Name each hyperparameter once'],
    ['proposal council 1 veto', 2, 'delay or cancel, not veto'],
    ['proposal confirm 1 2', 1, 'has milestones 0 to 1, not 2'],
    ['proposal claim 1 0', 1, 'is planned; only a confirmed one is paid'],
    ['proposal delegate owner', 2, 'Just vote'],
    ['key guard gateway 2', 2, '2 of 1 guardians cannot agree'],
    ['key guard gateway,gateway 2', 2, 'Name each guardian once'],
    ['key guard owner 1', 2, 'cannot guard itself'],
    ['account close owner', 2, 'Name another account'],
    [`multisig cancel OTHER ${'ab'.repeat(32)}`, 1, 'has no proposal'],
    ['channel open owner 5 --subnet 2', 2, 'another account as payee'],
    ['channel open OTHER 0 --subnet 2', 2, 'above zero'],
    ['provider set --sealing ab', 2, 'An X25519 key is named by 64'],
    [`provider set --sealing ${ID} --x-wing abcd`, 2, 'An X-Wing key is 2432'],
    [`provider set --sealing ${ID} --device ab=/x --in 5`, 2, 'A machine is named by 64'],
    [`provider set --sealing ${ID} --device ${ID}`, 2, 'Name --slot or --in'],
    ['model alias me/maps me/tuned', 2, 'An alias is owner/model:tag'],
    ['model alias me/maps:small me/roads', 1, 'There is no model me/roads'],
    ['model clear ab cd', 2, 'A model is named by 64'],
    ['model retire me/roads', 1, 'There is no model me/roads'],
  ])('refuses %s', async (text, exitCode, reason) => {
    await using node = await startFakeNode(rich);
    const words = [...wordsOf(text), '--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const result = await run(words);
    expect(result.exitCode, result.out).toBe(exitCode);
    expect(result.json()).toMatchObject({ error: { code: expect.any(String) } });
    expect(result.err).toContain(reason);
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
  });

  it('says what is kept back, for how long, and where it goes', async () => {
    await using node = await startFakeNode(rich);
    const dry = async (text: string) =>
      (await run([...wordsOf(text), '--wallet', 'owner', '--dry-run', '--data', node.data])).out;
    const moved = await dry('stake move validator-1 OTHER 2');
    // (80 + 96) and (72 + 96) bytes: a position, and what still answers for the hotkey it left.
    expect(moved).toMatch(/deposit +at most 0\.000344 CAIRN, refundable/);
    expect(moved).toMatch(/answers +for the hotkey it leaves, for 40 slots/);
    const ended = await dry('subnet dissolve 2');
    expect(ended).toMatch(/ends +about slot 150, in 50 slots/);
    expect(ended).toContain('400 tokens share 1000 CAIRN: now 2.5 CAIRN for one, whose price is 2 CAIRN');
    expect(await dry('stake claim validator-1 --subnet 2')).toContain('3 tokens, worth 6 CAIRN');
    expect(await dry('proposal undelegate')).toMatch(/locked +for 30 slots from now/);
    expect(await dry('hotkey lend validator-1 --subnet 2 --to none')).toContain(`50 % to ${OTHER}`);
  });

  it('claims all places of a dissolved subnet, one after another', async () => {
    await using node = await startFakeNode(rich);
    const words = ['subnet', 'claim', '2', '--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const { json } = await run(words);
    expect(json()).toMatchObject({ claimed: '30', before: [{ value: { hotkey: null } }] });
    const sent = node.calls.filter(({ method }) => method === 'node_send').map(({ params }) => params);
    expect(sent).toMatchObject([{ value: { hotkey: null } }, { value: { hotkey: VALIDATOR } }]);
  });
});

describe('a subnet that is announced to end', () => {
  it('is kept by its owner, unless another wants its place', async () => {
    await using node = await startFakeNode(announced);
    expect(await sentBy(node, ['subnet', 'cancel-dissolve', '2'])).toMatchObject({
      message: 'subnets.cancelDissolve',
    });
    const again = ['subnet', 'dissolve', '2', '--wallet', 'owner', '--yes', '--data', node.data];
    expect(await run(again)).toMatchObject({ exitCode: 1 });
    await using other = await startFakeNode(challenged);
    const words = ['subnet', 'cancel-dissolve', '2', '--wallet', 'owner', '--yes', '--data', other.data];
    expect((await run(words)).err).toContain('Keep it with ./cairn subnet match 2');
  });

  it('is matched for what the challenger locked, which is shown', async () => {
    await using node = await startFakeNode(challenged);
    const words = ['subnet', 'match', '2'];
    const dry = await run([...words, '--wallet', 'owner', '--dry-run', '--data', node.data]);
    expect(dry.out).toMatch(/amount +1500 CAIRN/);
    expect(dry.out).toContain('from 1000 CAIRN to 2500 CAIRN; its price stays 2 CAIRN');
    expect(await sentBy(node, words)).toMatchObject({ value: { netuid: 2, limit: '1500000000000' } });
    const { out } = await run(['subnet', 'notices', '--data', node.data]);
    expect(out).toMatch(/ 2 +500 +.*wants its place for storms +1,500\.0000/);
  });
});
