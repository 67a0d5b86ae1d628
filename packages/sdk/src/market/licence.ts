import parse, { type Info } from 'spdx-expression-parse';
import satisfies from 'spdx-satisfies';

/** One way to hold a licence: all of these at once. `A OR B` has two ways, `A AND B` one. */
type Way = readonly string[];

/** What a licence demands of what is made from a work. */
export interface LicenceTraits {
  /** What is made from it stays under it. */
  readonly isShareAlike: boolean;
  readonly forbidsDerivatives: boolean;
  readonly forbidsCommerce: boolean;
  /** A text of its own, which nobody here has read: all of it goes on. */
  readonly isCustom: boolean;
}

const SHARE_ALIKE =
  /^(A?GPL|LGPL|MPL|EUPL|OSL|CDDL|EPL|CECILL|SSPL|CPL|IPL|MS-RL|ODbL|CDLA-Sharing|CC-BY(-NC)?-SA)(-|$)/;

/**
 * Share-alike licences under which a work may go on although they are others, by their own text or their makers'
 * published word: GPL 3 section 13, LGPL 3 section 2, MPL 2 section 3.3, and Creative Commons' list for BY-SA 4.0.
 */
const ONWARD: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^GPL-3\.0-/, /^AGPL-3\.0-/],
  [/^GPL-2\.0-or-later/, /^(A?GPL)-3\.0-/],
  [/^LGPL-3\.0-/, /^A?GPL-3\.0-/],
  [/^LGPL-2\.1-/, /^GPL-(2|3)\.0-/],
  [/^MPL-2\.0$/, /^(LGPL-(2\.1|3\.0)|GPL-(2|3)\.0|AGPL-3\.0)-/],
  [/^CC-BY-SA-4\.0$/, /^GPL-3\.0-/],
];

/** What one licence of an expression demands. */
export function traitsOf(licence: string): LicenceTraits {
  return {
    isShareAlike: SHARE_ALIKE.test(licence),
    forbidsDerivatives: /^CC-.*-ND(-|$)/.test(licence),
    forbidsCommerce:
      /^CC-.*-NC(-|$)/.test(licence) || /(^|-)(Noncommercial|NonCommercial)(-|$)/.test(licence),
    isCustom: /^(DocumentRef-.+:)?LicenseRef-/.test(licence),
  };
}

/** Ways to hold an expression. At most a few hundred: a card's licence has 128 bytes. */
function waysOf(info: Info): Way[] {
  if ('conjunction' in info) {
    const [left, right] = [waysOf(info.left), waysOf(info.right)];
    if (info.conjunction === 'or') return [...left, ...right];
    return left.flatMap((one) => right.map((other) => [...one, ...other]));
  }
  const plus = info.plus === true ? '+' : '';
  return [[`${info.license}${plus}${info.exception === undefined ? '' : ` WITH ${info.exception}`}`]];
}

/** Sentence for what is wrong with an SPDX expression; null when it is one. */
export function findLicenceFault(expression: string): string | null {
  try {
    parse(expression);
    return null;
  } catch {
    return `"${expression}" is no SPDX licence expression. Write one such as Apache-2.0, "MIT OR Apache-2.0", or LicenseRef-name for a text of its own.`;
  }
}

const fits = (licence: string, wanted: string): boolean =>
  licence === wanted ||
  (!traitsOf(licence).isCustom && !traitsOf(wanted).isCustom && satisfies(licence, [wanted]));

function meets(licence: string, wanted: string): boolean {
  return fits(licence, wanted) || ONWARD.some(([from, to]) => from.test(wanted) && to.test(licence));
}

/** Why a child held this way breaks one licence of its parent; null when it does not. */
function findDrop(parent: string, child: Way): string | null {
  const { isShareAlike, forbidsDerivatives, forbidsCommerce, isCustom } = traitsOf(parent);
  if (forbidsDerivatives) return `${parent} allows nothing to be made from it`;
  if (isCustom && !child.includes(parent)) return `${parent} has terms of its own, which have to go on`;
  if (isShareAlike && !child.some((licence) => meets(licence, parent)))
    return `${parent} wants what is made from it to stay under it`;
  if (forbidsCommerce && !child.some((licence) => traitsOf(licence).forbidsCommerce))
    return `${parent} forbids commercial use, and that has to go on`;
  return null;
}

/**
 * Sentence for what a model's licence drops that the licences of the models it was made from demand; null when it
 * keeps all. Who takes the model may choose any way its expression offers, so each has to keep what one way of
 * each parent demands. It knows share-alike, no-derivatives and non-commercial terms and carries custom texts on;
 * it is no legal advice.
 */
export function findLineageFault(
  licence: string,
  parents: readonly { readonly name: string; readonly licence: string }[],
): string | null {
  const own = findLicenceFault(licence);
  if (own !== null) return own;
  for (const child of waysOf(parse(licence))) {
    for (const parent of parents) {
      const fault = findLicenceFault(parent.licence);
      if (fault !== null) return `The licence of parent ${parent.name} cannot be read: ${fault}`;
      const drops = waysOf(parse(parent.licence)).map((way) => firstDrop(way, child));
      if (drops.some((drop) => drop === null)) continue;
      return `Licence ${licence} does not keep what parent ${parent.name} demands: ${drops[0]}. Choose a licence that does.`;
    }
  }
  return null;
}

function firstDrop(parent: Way, child: Way): string | null {
  for (const licence of parent) {
    const drop = findDrop(licence, child);
    if (drop !== null) return drop;
  }
  return null;
}

/** Whether some way to hold an expression needs only licences of a list, such as those a company allows. */
export function isLicenceAmong(expression: string, allowed: readonly string[]): boolean {
  if (findLicenceFault(expression) !== null) return false;
  return waysOf(parse(expression)).some((way) =>
    way.every((licence) => allowed.some((wanted) => fits(licence, wanted))),
  );
}
