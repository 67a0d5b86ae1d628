import { hexToBytes } from '@cairn/core';
import { openEvidence, type Weights } from '@cairn/mechanisms';
import type { EventView } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { auditEvidence } from '../../src/audit/audit-evidence.ts';
import { rememberAuditedEvents } from '../../src/audit/audited-events.ts';
import { type BlockEvents, readBlockEvents } from '../../src/audit/events-backwards.ts';
import { aRecordStore } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

/** A validator whose weights carry scores over, and an audit of them over a past that a test may bend. */
async function anAudit() {
  const town = await aSubnetTown([aModel(() => '0 0 * * *')], { tempo: 14 });
  town.startValidator(aRecordStore());
  await town.until('weights rest on earlier ones', () => town.revealed() >= 2);
  const { parts, blobs, netuid, validatorUid: uid } = town;
  const history = readBlockEvents(parts.ledger);
  const { height } = await parts.ledger.status();
  const set: EventView[] = [];
  const all: EventView[] = [];
  for (let at = 1; at <= height; at++) all.push(...(await history(at))!);
  set.push(...all.filter(({ name }) => name === 'yuma.weightsSet'));
  const [previous, last] = set.slice(-2) as [EventView, EventView];
  const root = String(last.data.evidenceRoot);
  const weights = await parts.ledger.query<Weights>('yuma_weights', { netuid, uid });
  const salt = hexToBytes(String(last.data.salt));
  const bundle = openEvidence(crypto, salt, (await blobs.get(root))!);
  const claim = { netuid, mechanism: 0, uid, weights, evidenceRoot: root, salt, bundle };
  return {
    previous,
    history,
    salted: all.filter(({ name }) => name === 'yuma.saltCommitted'),
    audit: (bent: BlockEvents) => auditEvidence({ ...parts, blobs, history: bent }, claim),
  };
}

describe('an audit of evidence that carries scores over', () => {
  it('clears it, also when the hotkey had another place before', async () => {
    const { audit, history, previous } = await anAudit();
    const moved: BlockEvents = async (height) =>
      (await history(height))!.map((event) =>
        event.height <= previous.height ? { ...event, data: { ...event.data, uid: 77 } } : event,
      );
    for (const past of [history, moved])
      expect(await audit(past)).toMatchObject({ findings: [], unverified: ['miners'] });
  });

  it('does not blame it when the blocks with the weights before are not here any more', async () => {
    const { audit, history, previous, salted } = await anAudit();
    /** The validator rested: all that went before its salts is gone, or never was. */
    const rested =
      (before: null | []): BlockEvents =>
      async (height) => {
        if (height < previous.height) return before;
        const events = (await history(height))!;
        return height === previous.height
          ? [...salted, ...events.filter((event) => event.name !== previous.name)]
          : events;
      };
    expect(await audit(rested(null))).toMatchObject({ findings: [], unverified: ['carried', 'miners'] });
    const blamed = await audit(rested([]));
    expect(blamed.findings.map(({ code }) => code)).toEqual(['CARRIED_MISMATCH']);
  });

  it('is impossible when the blocks with its salt are not here any more', async () => {
    const { audit, history, previous } = await anAudit();
    const cut: BlockEvents = async (height) => (height < previous.height ? null : history(height));
    await expect(audit(cut)).rejects.toMatchObject({ code: 'AUDIT_IMPOSSIBLE' });
  });

  it('reads each block once for a judge of many', async () => {
    const { audit, history } = await anAudit();
    const read: number[] = [];
    const remembered = rememberAuditedEvents(async (height) => {
      read.push(height);
      return history(height);
    }, 1);
    const first = await audit(remembered);
    expect(await audit(remembered)).toEqual(first);
    expect(first.findings).toEqual([]);
    expect(new Set(read).size).toBe(read.length);
    expect(await audit(rememberAuditedEvents(history, 1))).toEqual(first);
  });
});
