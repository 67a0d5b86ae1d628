import { choice, struct, u8, u32, type ValueOf } from '@cairn/core';

export const cancelProposalShape = struct('CancelProposal', { proposal: u32 });
export type CancelProposal = ValueOf<typeof cancelProposalShape>;

export const councilActShape = struct('CouncilAct', {
  proposal: u32,
  action: choice('action', ['delay', 'cancel'], u8),
});
export type CouncilAct = ValueOf<typeof councilActShape>;

export const milestoneActShape = struct('MilestoneAct', {
  proposal: u32,
  /** Its place among the milestones, from 0. */
  milestone: u8,
});
export type MilestoneAct = ValueOf<typeof milestoneActShape>;
