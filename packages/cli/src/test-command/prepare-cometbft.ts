/**
 * Finds CometBFT for the tests of several validators, or builds it where they look for it. Returns why they are skipped;
 * null when they are not.
 */
export async function prepareCometbft(say: (line: string) => void): Promise<string | null> {
  try {
    // Only now: the checks before this also run on a checkout whose code does not load.
    const { provideCometbft } = await import('@cairn/node');
    const onBuild = (folder: string) => say(`building CometBFT into ${folder}; this takes minutes, once`);
    const path = process.env.CAIRN_COMETBFT ?? '';
    await provideCometbft({ path, environment: process.env, onBuild });
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `tests of several validators are skipped: needs Go or a CometBFT binary. ${reason}`;
  }
}
