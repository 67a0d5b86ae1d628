import { bytesToHex, CairnError, hexToBytes, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { PeerName, RunLedger, RunView } from '@cairn/protocol';
import { type AccountClient, createRunLedger, fetchParameters, fetchSeats } from '@cairn/sdk';
import {
  createCaseTeller,
  createSeatKeeper,
  createTrainer,
  rehearseRun,
  type TrainerProgress,
  TrainingError,
} from '@cairn/training';
import { NodeError } from '../errors.ts';
import { followToEnd } from '../training/run/follow-to-end.ts';
import type { RunDesk, RunPlace } from '../training/run/run-place.ts';
import { backgroundTask } from './background-task.ts';
import type { NodeParts, RunningRole } from './parts.ts';

export interface TrainerRoleOptions {
  readonly name: string;
  /** Id of the run, in hex. */
  readonly run: string;
  /** Puts up the bond and is paid. */
  readonly wallet: AccountClient;
  /** The key of this machine, which sends updates; may be the wallet's. */
  readonly device: AccountClient;
  readonly place: RunPlace;
  /** Where others find what this machine shows. @default the library of the place */
  readonly peer?: PeerName;
  /** Asked before the bond is put up; what it throws ends the start. */
  readonly beforeBond?: (run: RunView) => Promise<void>;
  readonly onProgress?: (progress: TrainerProgress) => void;
}

export interface TrainerRole extends RunningRole {
  readonly kind: 'trainer';
  readonly run: string;
  /** Ends when the run does, or when the role cannot go on. */
  readonly ended: Promise<void>;
  /** Gives the seat back; the bond returns when nothing of it can be questioned any more. */
  leave(): Promise<void>;
}

/** Sent to a new device with its seat: for the fees of thousands of rounds. */
const FEE_FUNDS = PEBBLES_PER_CAIRN;

/** What a run needs is asked for so often, and so long apart, when those who have it are busy or not there yet. */
const TRIES = 5;
const TRY_MS = 2_000;

/** Takes a seat in a run unless the device has one, and trains until it is disposed. */
export async function startTrainerRole(parts: NodeParts, options: TrainerRoleOptions): Promise<TrainerRole> {
  const { name, run, wallet, device, place, onProgress } = options;
  const log = parts.log.child(name);
  const ledgerOf = (client: AccountClient): RunLedger => createRunLedger({ ...parts, client });
  const [ofWallet, ofDevice] = [ledgerOf(wallet), ledgerOf(device)];
  const found = await ofDevice.run(hexToBytes(run));
  if (found === null)
    throw new NodeError(
      { code: 'RUN_UNKNOWN', run },
      `There is no training run ${run}. See ./cairn train list.`,
    );
  const { slotMs } = await fetchParameters(parts.ledger);
  // Before it is bonded: who cannot compute the run is not in anybody's way.
  const desk = await openDesk(parts, () => place.desk(ofDevice, run, log));
  const seatNow = () => ofDevice.seat(found.id, device.account);
  const takeSeat = async () => {
    const isOwnDevice = wallet.address === device.address;
    const isFunded = isOwnDevice || (await device.spendable()) >= FEE_FUNDS / 2n;
    await ofWallet.join(
      {
        run: found.id,
        device: device.account,
        engineClass: found.terms.engineClass,
        peer: options.peer ?? place.peer,
      },
      isFunded ? 0n : FEE_FUNDS,
    );
    log.info('joined', { run, bond: found.terms.bond.toString() });
  };
  if ((await seatNow()) === null) {
    await rehearse(desk, found);
    await options.beforeBond?.(found);
    await takeSeat();
  }
  const first = (await seatNow())!;
  let seat = first.number;
  const caseTeller = createCaseTeller({
    log,
    cases: () => ofDevice.cases(found.id),
    async seat() {
      seat = (await seatNow())?.number ?? seat;
      return seat;
    },
  });
  const seatKeeper = createSeatKeeper(
    {
      device: device.account,
      seat: seatNow,
      seats: () => fetchSeats(parts.ledger, found.id),
      join: takeSeat,
      log,
    },
    first,
  );
  const trainer = createTrainer({
    ledger: ofDevice,
    desk,
    records: place.records,
    log,
    slotMs: Number(slotMs),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const ended = Promise.withResolvers<void>();
  const task = backgroundTask(log, 'training', async (signal) => {
    try {
      await followToEnd(
        { ...parts, ledger: ofDevice, library: place.library, log },
        found.id,
        async (view) => {
          await caseTeller.look(view);
          await seatKeeper.look(view);
          await trainer.act(view, signal);
        },
        signal,
      );
    } finally {
      ended.resolve();
    }
  });
  return {
    kind: 'trainer',
    name,
    note: `trains ${found.name}`,
    address: device.address,
    coldkey: wallet.address,
    run: bytesToHex(found.id),
    ended: ended.promise,
    leave: () => ofWallet.leave(found.id, device.account),
    [Symbol.asyncDispose]: () => task[Symbol.asyncDispose](),
  };
}

/** @throws TrainingError `ROUND_UNUSABLE` when this machine's engine is so far from others that it would be convicted */
async function rehearse(desk: RunDesk, run: RunView): Promise<void> {
  const reason = await rehearseRun(desk, run);
  if (reason !== null)
    throw new TrainingError(
      { code: 'ROUND_UNUSABLE', reason },
      `This machine's engine would be convicted in this run: ${reason}. Choose another with --engine.`,
    );
}

async function openDesk({ timer }: NodeParts, open: () => Promise<RunDesk>): Promise<RunDesk> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await open();
    } catch (error) {
      const isWorthAnother = error instanceof CairnError && error.code === 'BLOB_NOT_FETCHED';
      if (!isWorthAnother || tries === TRIES) throw error;
      await new Promise<void>((resolve) => timer.schedule(TRY_MS, resolve));
    }
  }
}
