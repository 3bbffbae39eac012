/** What a column may be for: a guess of the profile, which a person or a pipeline may overrule. */
export const COLUMN_ROLES = [
  'FEATURE',
  'TARGET_CANDIDATE',
  'IDENTIFIER',
  'CONSTANT',
  'EMPTY',
  'TIME',
  'FREE_TEXT',
  'SPLIT',
] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];
