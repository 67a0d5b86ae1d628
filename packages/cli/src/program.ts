import { Command } from 'commander';
import { createAskCommand } from './ask/command.ts';
import { createAuditCommand } from './audit.ts';
import { createBenchCommand } from './bench/command.ts';
import { createBlockShowCommand } from './chain/block-show.ts';
import { createTxShowCommand } from './chain/tx-show.ts';
import { createChannelCloseCommand } from './channel/close.ts';
import { createChannelListCommand } from './channel/list.ts';
import { createChannelOpenCommand, createChannelTopUpCommand } from './channel/money.ts';
import type { Cli } from './cli.ts';
import { defineNoun } from './command.ts';
import { createComputeCompareCommand } from './compute/compare.ts';
import { createConfigCommand } from './config/command.ts';
import { createConformanceCommand } from './conformance/command.ts';
import { createDatasetBuyCommand } from './dataset/buy.ts';
import { createDatasetProofCommand } from './dataset/proof.ts';
import { createDatasetPublishCommand } from './dataset/publish.ts';
import { createDatasetRetireCommand } from './dataset/retire.ts';
import { createDatasetSearchCommand } from './dataset/search.ts';
import { createDatasetShowCommand } from './dataset/show.ts';
import { createCallCommand } from './deploy/call.ts';
import { createDeployCommand } from './deploy/command.ts';
import { createDeploymentNoun } from './deploy/deployments.ts';
import { createDoctorCommand } from './doctor/command.ts';
import { createEconomyNouns } from './economy-nouns.ts';
import { createEngineInstallCommand } from './engine/install.ts';
import { createIndexRebuildCommand, createIndexStatusCommand } from './history/index-commands.ts';
import {
  createSubnetEmissionCommand,
  createSubnetHistoryCommand,
  createSubnetPricesCommand,
} from './history/subnet-history.ts';
import { createLeaseNoun } from './lease/verbs.ts';
import { createLocalnetCommand } from './localnet/command.ts';
import { createModelAliasCommand, createModelClearCommand } from './model/alias.ts';
import { createModelCalibrationCommand } from './model/calibration.ts';
import { createModelEvalsCommand } from './model/evals.ts';
import { createModelLineageCommand } from './model/lineage.ts';
import { createModelListCommand } from './model/list.ts';
import { createModelPublishCommand } from './model/publish.ts';
import { createModelPullCommand } from './model/pull.ts';
import { createModelSearchCommand } from './model/search.ts';
import { createModelAddCommand, createModelServeCommand } from './model/serve.ts';
import { createModelShowCommand } from './model/show.ts';
import { createModelRetireCommand, createModelWithdrawCommand } from './model/withdraw.ts';
import { createNodeInitCommand } from './node/init.ts';
import { createNodeJoinCommand } from './node/join.ts';
import { createNodeReplayCommand } from './node/replay.ts';
import { createNodeShowCommand } from './node/show.ts';
import { createNodeSnapshotCommand } from './node/snapshot.ts';
import { createNodeStartCommand } from './node/start.ts';
import { createParamsCommand } from './params/command.ts';
import { createProposalCancelCommand } from './proposal/cancel.ts';
import {
  createProposalClaimCommand,
  createProposalConfirmCommand,
  createProposalCouncilCommand,
} from './proposal/council.ts';
import { createProposalCreateCommand } from './proposal/create.ts';
import { createProposalDelegateCommand, createProposalUndelegateCommand } from './proposal/delegate.ts';
import { createProposalListCommand } from './proposal/list.ts';
import { createProposalShowCommand } from './proposal/show.ts';
import { createProposalVoteCommand } from './proposal/vote.ts';
import { createProposalWithdrawCommand } from './proposal/withdraw.ts';
import { createProviderRotateCommand } from './provider/rotate.ts';
import { createProviderRemoveCommand, createProviderSetCommand } from './provider/set.ts';
import { createProviderListCommand, createProviderShowCommand } from './provider/show.ts';
import { createProxyCommand } from './proxy/command.ts';
import { createServeCommand } from './serve/command.ts';
import { createSimulateCommand } from './simulate/command.ts';
import { createStatusCommand } from './status.ts';
import { createSubnetClaimCommand } from './subnet/claim.ts';
import { createSubnetCreateCommand } from './subnet/create.ts';
import { createSubnetDeclareCommand } from './subnet/declare.ts';
import {
  createSubnetCancelDissolveCommand,
  createSubnetDissolveCommand,
  createSubnetMatchCommand,
} from './subnet/ending.ts';
import { createSubnetHyperparametersCommand, createSubnetSetCommand } from './subnet/hyperparameters.ts';
import { createSubnetListCommand } from './subnet/list.ts';
import { createSubnetMechanismsCommand } from './subnet/mechanisms.ts';
import { createSubnetNoticesCommand } from './subnet/notices.ts';
import { createSubnetRegisterCommand } from './subnet/register.ts';
import { createSubnetShowCommand } from './subnet/show.ts';
import { createTestCommand } from './test-command/command.ts';
import { createTrainNoun } from './train/noun.ts';
import { createTxMessagesCommand } from './tx/messages.ts';
import { createTxSendCommand } from './tx/send.ts';
import { createUpCommand } from './up/command.ts';
import type { StartNetwork } from './up/start-network.ts';
import { createVerifyCommand } from './verify/command.ts';
import { createWalletBalanceCommand } from './wallet/balance.ts';
import { createWalletCreateCommand } from './wallet/create.ts';
import { createWalletImportCommand } from './wallet/import.ts';
import { createWalletListCommand } from './wallet/list.ts';
import { createWalletSendCommand } from './wallet/send.ts';

/** Every command, ready to parse. What it imports while parsing is small: actions bring their own parts. */
export function createProgram(cli: Cli, start: StartNetwork): Command {
  const program = new Command('cairn')
    .description('An open network in which anyone can host, find, use, score, train and own AI models.')
    .version(cli.version)
    .addHelpText('after', '\nExamples:\n  $ ./cairn up\n  $ ./cairn ask "every weekday at 9:30 am"');
  const commands = [
    createUpCommand(cli, start),
    createLocalnetCommand(cli),
    defineNoun('node', 'Nodes of a network on several machines: init, join, show, start, snapshot.', [
      createNodeInitCommand(cli),
      createNodeJoinCommand(cli),
      createNodeShowCommand(cli),
      createNodeStartCommand(cli),
      createNodeSnapshotCommand(cli),
      createNodeReplayCommand(cli),
    ]),
    createServeCommand(cli),
    createStatusCommand(cli),
    createAskCommand(cli),
    createProxyCommand(cli),
    defineNoun('wallet', 'Wallets: make, bring back, list, look into, send.', [
      createWalletCreateCommand(cli),
      createWalletImportCommand(cli),
      createWalletListCommand(cli),
      createWalletBalanceCommand(cli),
      createWalletSendCommand(cli),
    ]),
    defineNoun(
      'subnet',
      'Subnets: list, show, create, register, change, end, keep, history, prices, emission.',
      [
        createSubnetListCommand(cli),
        createSubnetShowCommand(cli),
        createSubnetCreateCommand(cli),
        createSubnetRegisterCommand(cli),
        createSubnetHyperparametersCommand(cli),
        createSubnetSetCommand(cli),
        createSubnetMechanismsCommand(cli),
        createSubnetDeclareCommand(cli),
        createSubnetNoticesCommand(cli),
        createSubnetDissolveCommand(cli),
        createSubnetCancelDissolveCommand(cli),
        createSubnetMatchCommand(cli),
        createSubnetClaimCommand(cli),
        createSubnetHistoryCommand(cli),
        createSubnetPricesCommand(cli),
        createSubnetEmissionCommand(cli),
      ],
    ),
    ...createEconomyNouns(cli),
    defineNoun('model', 'Models: find, show, compare, publish, name, serve, withdraw, retire.', [
      createModelListCommand(cli),
      createModelSearchCommand(cli),
      createModelShowCommand(cli),
      createModelLineageCommand(cli),
      createModelEvalsCommand(cli),
      createModelCalibrationCommand(cli),
      createModelPublishCommand(cli),
      createModelAliasCommand(cli),
      createModelAddCommand(cli),
      createModelPullCommand(cli),
      createModelServeCommand(cli),
      createModelWithdrawCommand(cli),
      createModelRetireCommand(cli),
      createModelClearCommand(cli),
    ]),
    defineNoun('provider', 'Who serves, with which keys and machines: list, show, set, rotate, remove.', [
      createProviderListCommand(cli),
      createProviderShowCommand(cli),
      createProviderSetCommand(cli),
      createProviderRotateCommand(cli),
      createProviderRemoveCommand(cli),
    ]),
    defineNoun('channel', 'Payment channels: list, open, top-up, close.', [
      createChannelListCommand(cli),
      createChannelOpenCommand(cli),
      createChannelTopUpCommand(cli),
      createChannelCloseCommand(cli),
    ]),
    defineNoun('proposal', 'Proposals: list, show, create, vote, delegate, the council, grants.', [
      createProposalListCommand(cli),
      createProposalShowCommand(cli),
      createProposalCreateCommand(cli),
      createProposalVoteCommand(cli),
      createProposalWithdrawCommand(cli),
      createProposalCancelCommand(cli),
      createProposalDelegateCommand(cli),
      createProposalUndelegateCommand(cli),
      createProposalCouncilCommand(cli),
      createProposalConfirmCommand(cli),
      createProposalClaimCommand(cli),
    ]),
    createDeployCommand(cli),
    createCallCommand(cli),
    createDeploymentNoun(cli),
    createLeaseNoun(cli),
    createTrainNoun(cli),
    defineNoun('dataset', 'Data sets: publish, search, show, buy, retire, proof.', [
      createDatasetPublishCommand(cli),
      createDatasetSearchCommand(cli),
      createDatasetShowCommand(cli),
      createDatasetBuyCommand(cli),
      createDatasetRetireCommand(cli),
      createDatasetProofCommand(cli),
    ]),
    defineNoun('compute', 'Compute: what it costs.', [createComputeCompareCommand(cli)]),
    createAuditCommand(cli),
    createVerifyCommand(cli),
    defineNoun('block', 'Blocks.', [createBlockShowCommand(cli)]),
    defineNoun('tx', 'Transactions: show, send any message, list messages.', [
      createTxShowCommand(cli),
      createTxSendCommand(cli),
      createTxMessagesCommand(cli),
    ]),
    defineNoun('index', 'The index: how far it is, make it again.', [
      createIndexStatusCommand(cli),
      createIndexRebuildCommand(cli),
    ]),
    createDoctorCommand(cli),
    createConfigCommand(cli),
    createParamsCommand(cli),
    defineNoun('engine', 'Builds of llama.cpp.', [createEngineInstallCommand(cli)]),
    createConformanceCommand(cli),
    createBenchCommand(cli),
    createSimulateCommand(cli),
    createTestCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  settle(program, cli);
  return program;
}

/** commander throws instead of ending the process, writes where we write, and leaves errors to `runCli`. */
function settle(command: Command, cli: Cli): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => cli.terminal.out.write(text),
    writeErr: (text) => cli.terminal.err.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(cli.terminal.out.columns, 100),
    getErrHelpWidth: () => Math.min(cli.terminal.err.columns, 100),
  });
  for (const child of command.commands) settle(child, cli);
}
