import { FUNCTIONS, MISSING_WHERE } from '../../../src/engine/expressions';

/** The table of functions of docs/guides/expressions.md. */
export const functionRows = (): string[] => [
  '| written | takes → gives | what it is | missing where | example |',
  '| --- | --- | --- | --- | --- |',
  ...Object.values(FUNCTIONS).map(({ form, parameters, rest, result, description, missing, example }) => {
    const types = [...parameters, ...(rest ? [`${rest} …`] : [])].join(', ');
    const sample = `\`${example[0]}\` is \`${example[1]}\``;
    return `| \`${form}\` | ${types} → ${result} | ${description} | ${missing ?? MISSING_WHERE} | ${sample} |`;
  }),
];
