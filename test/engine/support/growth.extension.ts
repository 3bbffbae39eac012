/** A task from outside the product: a positive number, learnt and held against others by its logarithm, answered in its unit. */
import type { Engine } from '../../../src/engine/extensions';
import { EngineError } from '../../../src/engine/types';

const DOUBLE = 11;

export const register = ({ defineTask, registerTask, taskTraits }: Engine) => {
  const { faults, learning, score, targets } = taskTraits;
  const number = targets.oneNumber({ fits: () => false, fault: faults.textFault({ hint: 'choose a numeric column' }) });
  const growth = defineTask({
    name: 'growth',
    description: 'A positive number, of which ratios count.',
    targets: {
      ...number,
      read: (columns, rowCount) => {
        const read = number.read(columns, rowCount);
        const [target] = read.columns;
        if (target.values.some((value) => value <= 0))
          throw new EngineError(`Target ${target.name} has values that are not positive.`, 'target', 'Use regression.');
        return { ...read, columns: [{ ...target, values: target.values.map(Math.log) }] };
      },
    },
    learning: {
      ...learning.numbers,
      trivial: { row: (columns, train) => learning.numbers.trivial.row(columns, train).map(Math.exp) },
    },
    score: { ...score.ofNumber, asAnswered: Math.exp },
    answers: {
      ...taskTraits.answers.numbers,
      append: (graph, raw, { targetScales: [{ mean, scale }], free }) => {
        const scaled = graph.call('Mul', [graph.call('Cast', [raw], { to: DOUBLE }), graph.doubles([scale], [1, 1])]);
        const logarithm = graph.call('Add', [scaled, graph.doubles([mean], [1, 1])]);
        const prediction = free('prediction');
        graph.node('Exp', [logarithm], {}, { outputs: [prediction] });
        graph.output(prediction, 'float64', ['batch', 1]);
      },
    },
  });
  return registerTask(growth);
};
