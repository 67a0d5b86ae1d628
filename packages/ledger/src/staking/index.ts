import { associateHotkeyMessage } from './apply/associate-hotkey.ts';
import { claimRootMessage } from './apply/claim-root.ts';
import { dissociateHotkeyMessage } from './apply/dissociate-hotkey.ts';
import { lockStakeMessage } from './apply/lock-stake.ts';
import { moveStakeMessage } from './apply/move-stake.ts';
import { releaseMessage } from './apply/release.ts';
import { setAutoStakeMessage } from './apply/set-auto-stake.ts';
import { setChildTakeMessage } from './apply/set-child-take.ts';
import { setChildrenMessage } from './apply/set-children.ts';
import { setRootClaimMessage } from './apply/set-root-claim.ts';
import { setTakeMessage } from './apply/set-take.ts';
import { stakeMessage } from './apply/stake.ts';
import { stakeTokensMessage } from './apply/stake-tokens.ts';
import { transferStakeMessage } from './apply/transfer-stake.ts';
import { unlockMessage } from './apply/unlock.ts';
import { unstakeMessage } from './apply/unstake.ts';
import { unstakeTokensMessage } from './apply/unstake-tokens.ts';
import { childrenQuery } from './children/query.ts';
import { rootClaimsQuery } from './kept/query.ts';
import { convictionsQuery, locksQuery } from './locks/query.ts';
import { autoStakeQuery, hotkeyQuery, positionsQuery, tokenPositionsQuery } from './query.ts';
import { unbondingQuery } from './unbonding/query.ts';
import { releaseInTurn } from './unbonding/release.ts';

/** Staking: coldkeys own money, hotkeys do the work, stake at a hotkey is shared by position. */
export const stakingModule = {
  name: 'staking',
  messages: [
    associateHotkeyMessage,
    stakeMessage,
    unstakeMessage,
    setTakeMessage,
    dissociateHotkeyMessage,
    stakeTokensMessage,
    unstakeTokensMessage,
    moveStakeMessage,
    transferStakeMessage,
    releaseMessage,
    setChildrenMessage,
    setChildTakeMessage,
    setAutoStakeMessage,
    setRootClaimMessage,
    claimRootMessage,
    lockStakeMessage,
    unlockMessage,
  ],
  queries: [
    hotkeyQuery,
    positionsQuery,
    tokenPositionsQuery,
    unbondingQuery,
    childrenQuery,
    autoStakeQuery,
    rootClaimsQuery,
    locksQuery,
    convictionsQuery,
  ],
  beginBlock: releaseInTurn,
} as const;
