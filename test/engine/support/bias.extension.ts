/** A metric from outside the product: how much too high numbers are on average. */
import type { Engine } from '../../../src/engine/extensions';

export const register = ({ registerMetric }: Engine) =>
  registerMetric({
    name: 'bias',
    of: ['numbers'],
    over: ({ values, answer }) => {
      const known = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
      return (weights) => {
        const width = values.length / weights.length;
        const sum = (of: (i: number) => number) =>
          known.reduce((total, i) => total + weights[Math.floor(i / width)] * of(i), 0);
        return sum((i) => answer[i] - values[i]) / sum(() => 1);
      };
    },
    lack: 'No test row has a value of the target.',
  });
