import { associateHotkeyMessage } from './apply/associate-hotkey.ts';
import { dissociateHotkeyMessage } from './apply/dissociate-hotkey.ts';
import { setTakeMessage } from './apply/set-take.ts';
import { stakeMessage } from './apply/stake.ts';
import { stakeTokensMessage } from './apply/stake-tokens.ts';
import { unstakeMessage } from './apply/unstake.ts';
import { unstakeTokensMessage } from './apply/unstake-tokens.ts';
import { hotkeyQuery, positionsQuery, tokenPositionsQuery } from './query.ts';

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
  ],
  queries: [hotkeyQuery, positionsQuery, tokenPositionsQuery],
} as const;
