/** A reader from outside the product, and a family that names it: of each number its sign alone, 0 where it is missing. */
import type { Engine } from '../../../src/engine/extensions';
import { linear } from '../../../src/engine/families/linear/linear';
import type { FeaturePart } from '../../../src/engine/preprocess/encoding';
import { fitPreprocess } from '../../../src/engine/preprocess/fit';
import type { Reader } from '../../../src/engine/readers/definition';

const FLOAT = 1;

const signsOf = (columns: string[]): FeaturePart => ({
  columns,
  sources: [...columns.keys()],
  encode: (columns, rows, { out, width, offset }) =>
    columns.forEach((column, c) => {
      if (column.kind !== 'number') return;
      rows.forEach((row, i) => (out[i * width + offset + c] = Math.sign(column.values[row]) || 0));
    }),
  append: (graph, tensors) => {
    const input = tensors.take(columns);
    const present = graph.call('Where', [graph.call('IsNaN', [input]), graph.doubles(0), input]);
    return graph.call('Cast', [graph.call('Sign', [present])], { to: FLOAT });
  },
});

/** Numbers are encoded as signs, texts as any family has them. */
const signs: Reader = {
  name: 'signs',
  inOrder: false,
  fit: (columns, rows, { options, rowCount }) => {
    const [numbers, texts] = [true, false].map((isNumber) =>
      columns.filter(({ kind }) => (kind === 'number') === isNumber),
    );
    const { inputs } = fitPreprocess(columns, rows, options, rowCount);
    const others = fitPreprocess(texts, rows, options, rowCount);
    const parts = [signsOf(numbers.map(({ name }) => name))];
    return { encoding: { ...others.encoding, parts }, inputs, warnings: [], lostDigits: [] };
  },
  widths: (columns, _, { levelsMax }) =>
    columns.map(({ kind, distinct }) => (kind === 'number' ? 1 : Math.min(distinct, levelsMax) + 2)),
};

export function register({ registerFamily, registerReader }: Engine): () => void {
  const forgetReader = registerReader(signs);
  const { advise: _advise, candidates: _candidates, ...rest } = linear;
  const forgetFamily = registerFamily({ ...rest, name: 'signs', title: 'Weighted signs', reader: 'signs' });
  return () => {
    forgetFamily();
    forgetReader();
  };
}
