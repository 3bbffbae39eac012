import { PraxisError } from '../kernel';

/** What clients call a run by. */
export interface RunLabels {
  name?: string | null;
  tags?: string[] | null;
}

export const NAME_LENGTH_MAX = 200;
const TAGS_MAX = 20;
const TAG = /^[\p{L}\p{N}][\p{L}\p{N}_.:/=-]{0,49}$/u;

export const NAME_RULE = `1 to ${NAME_LENGTH_MAX} characters; need not be unique.`;
export const TAGS_RULE = `At most ${TAGS_MAX}, each of 1 to 50 letters, digits and _ . : / = -, beginning with a letter or digit.`;

/** The tags in order, each once. @throws PraxisError VALIDATION_FAILED naming each that breaks the rule */
export function checkedTags(tags: string[]): string[] {
  const different = [...new Set(tags)].sort();
  if (different.length > TAGS_MAX) {
    throw PraxisError.invalid([{ path: 'tags', message: `at most ${TAGS_MAX} are allowed, got ${different.length}` }]);
  }
  const issues = tags.flatMap((tag, i) =>
    TAG.test(tag) ? [] : [{ path: `tags[${i}]`, message: 'is no tag', hint: TAGS_RULE }],
  );
  if (issues.length > 0) throw PraxisError.invalid(issues);
  return different;
}
