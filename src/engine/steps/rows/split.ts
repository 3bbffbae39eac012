import { splitParameters } from '../../splits';
import { defineStep } from '../definition';

export const split = defineStep({
  kind: 'SPLIT',
  title: 'Split',
  summary: 'Divides the rows into train, validation and test parts.',
  description:
    'Divides the rows into train, validation and test parts: at random, by a column, by groups or by time; stratified 80/20 when left out.',
  stage: 'rows',
  rank: 3,
  divides: true,
  parameters: splitParameters,
  absent: () => splitParameters.parse({ kind: 'random' }),
  says: (options) => ({ split: options }),
  places: { split: '' },
});
