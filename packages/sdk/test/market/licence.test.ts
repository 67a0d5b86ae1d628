import { describe, expect, it } from 'vitest';
import { findLicenceFault, findLineageFault, isLicenceAmong } from '../../src/index.ts';

const of = (...licences: string[]) => licences.map((licence, n) => ({ name: `parent-${n}`, licence }));

describe('a licence expression', () => {
  it.each([
    'Apache-2.0',
    'MIT OR Apache-2.0',
    '(MIT AND CC-BY-4.0) OR LicenseRef-llama',
    'GPL-2.0-only WITH Classpath-exception-2.0',
    'GPL-3.0+',
    'LicenseRef-unknown',
  ])('may be %s', (licence) => {
    expect(findLicenceFault(licence)).toBe(null);
  });

  it.each([
    '',
    'apache',
    'Apache 2',
    'MIT,Apache-2.0',
    'MIT OR',
    'MIT AND (',
    'apache-2.0 license',
    'GPL-9.9',
  ])('may not be "%s"', (licence) => {
    expect(findLicenceFault(licence)).toContain('no SPDX licence expression');
    expect(findLineageFault(licence, [])).toContain('no SPDX licence expression');
  });

  it('is read within bounds however it is nested', () => {
    const nested = `${'('.repeat(50)}MIT${')'.repeat(50)}`;
    expect(findLicenceFault(nested)).toBe(null);
    const wide = Array(7).fill('(MIT OR ISC)').join(' AND ');
    expect(findLineageFault(wide, of(wide))).toBe(null);
  });
});

describe('the licence of a model made from others', () => {
  it.each([
    ['Apache-2.0', ['MIT']],
    ['LicenseRef-mine', ['Apache-2.0', 'BSD-3-Clause']],
    ['CC-BY-SA-4.0', ['CC-BY-SA-4.0']],
    ['GPL-3.0-or-later', ['GPL-2.0-or-later']],
    ['AGPL-3.0-only', ['GPL-3.0-only']],
    ['MIT AND GPL-3.0-only', ['GPL-3.0-only']],
    ['CC-BY-NC-4.0', ['CC-BY-NC-4.0']],
    ['CC-BY-NC-SA-4.0', ['CC-BY-NC-SA-4.0', 'Apache-2.0']],
    ['MIT', ['MIT OR GPL-3.0-only']],
    ['MIT OR Apache-2.0', ['MIT']],
    ['LicenseRef-llama', ['LicenseRef-llama']],
    ['GPL-3.0-only OR AGPL-3.0-only', ['GPL-3.0-only']],
  ])('may be %s when its parents are under %j', (licence, parents) => {
    expect(findLineageFault(licence, of(...parents))).toBe(null);
  });

  it.each([
    ['MIT', ['CC-BY-SA-4.0'], 'stay under it'],
    ['Apache-2.0', ['GPL-3.0-only'], 'stay under it'],
    ['GPL-2.0-only', ['GPL-3.0-only'], 'stay under it'],
    ['MIT', ['CC-BY-NC-4.0'], 'forbids commercial use'],
    ['CC-BY-NC-4.0', ['CC-BY-NC-SA-4.0'], 'stay under it'],
    ['CC-BY-SA-4.0', ['CC-BY-SA-4.0', 'CC-BY-NC-4.0'], 'parent-1'],
    ['CC-BY-ND-4.0', ['CC-BY-ND-4.0'], 'allows nothing to be made from it'],
    ['Apache-2.0', ['LicenseRef-llama'], 'terms of its own'],
    ['LicenseRef-other', ['LicenseRef-llama'], 'terms of its own'],
    ['MIT OR GPL-3.0-only', ['GPL-3.0-only'], 'stay under it'],
    ['MIT', ['MIT AND CC-BY-SA-4.0'], 'stay under it'],
    ['MIT', ['MIT', 'nonsense'], 'parent-1 cannot be read'],
  ])('may not be %s when its parents are under %j', (licence, parents, reason) => {
    expect(findLineageFault(licence, of(...parents))).toContain(reason);
  });
});

describe('licences that somebody allows', () => {
  it('are enough when one way needs no other', () => {
    expect(isLicenceAmong('MIT OR GPL-3.0-only', ['MIT'])).toBe(true);
    expect(isLicenceAmong('MIT AND GPL-3.0-only', ['MIT'])).toBe(false);
    expect(isLicenceAmong('LicenseRef-llama', ['MIT'])).toBe(false);
    expect(isLicenceAmong('LicenseRef-llama', ['LicenseRef-llama'])).toBe(true);
    expect(isLicenceAmong('nonsense', ['nonsense'])).toBe(false);
  });
});
