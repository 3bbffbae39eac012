import { type Format, replace } from '../format';

/** Forms that programs put around texts, which are no part of them. */
export const TEXT_FORMATS: readonly Format[] = [
  // So that a spreadsheet does not make a number of it.
  { kind: 'text', name: 'Excel text', pattern: '="[^"]*"', rewrites: [replace('^="(.*)"$', '$1')] },
];
