/**
 * Files of trees in another program: ONNX Runtime in Python gives the same answers, to the last float. Needs a Python that has
 * onnxruntime and numpy, python3 or the one that PRAXIS_TEST_PYTHON names; without it the tests are skipped. On one thread, as several may add trees in another order.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel } from '../../../src/engine/serving/serving';
import { LEVELS, requestOf, trained } from './learner.fixture';

const python = process.env.PRAXIS_TEST_PYTHON ?? 'python3';
const isThere = spawnSync(python, ['-c', 'import numpy, onnxruntime']).status === 0;
const testInPython = isThere ? test : test.skip;

const PROGRAM = `
import json, sys
import numpy as np
import onnxruntime as ort
options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
rows = json.load(open(sys.argv[2]))
missing = lambda values: [float("nan") if v is None else v for v in values]
feeds = {}
for field in session.get_inputs():
    values = rows[field.name]
    column = np.array(values, dtype=object) if field.type == "tensor(string)" else np.array(missing(values), dtype=np.float64)
    feeds[field.name] = column.reshape(-1, 1)
outputs = session.run(None, feeds)
print(json.dumps([np.asarray(values).astype(str if values.dtype == object else np.float64).ravel().tolist() for values in outputs]))
`;

const folder = mkdtempSync(join(tmpdir(), 'praxis-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = 400;
const PLACES = [...LEVELS, '', 'nowhere'];
const columns = {
  place: Array.from({ length: ROWS }, (_, i) => PLACES[i % PLACES.length]),
  a: Float64Array.from({ length: ROWS }, (_, i) => (i % 11 === 0 ? NaN : ((i * 7919) % 1000) / 999)),
  b: Float64Array.from({ length: ROWS }, (_, i) => (i % 13 === 0 ? NaN : (i * 31) % 9)),
};

describe.each([
  ['boosting', { trees: 40 }],
  ['forest', { trees: 20 }],
  ['tree', {}],
])('%s in Python', (family, parameters) => {
  testInPython.each([['number'], ['flag'], ['class']])('answers %s as here', async (target) => {
    const { model } = await trained(requestOf(family, target, parameters));
    const file = join(folder, 'model.onnx');
    const input = join(folder, 'rows.json');
    writeFileSync(file, model);
    const listed = Object.entries(columns).map(([name, values]) => [name, Array.from<string | number>(values)]);
    writeFileSync(input, JSON.stringify(Object.fromEntries(listed)));
    const { stdout, stderr } = spawnSync(python, ['-c', PROGRAM, file, input], { encoding: 'utf8' });
    expect(stderr).not.toContain('Error');
    const [prediction, probabilities] = JSON.parse(stdout) as [(string | number)[], number[] | undefined];
    const served = await openModel(model);
    const answer = await served.predict({ rowCount: ROWS, columns: [columns.place, columns.a, columns.b] });
    await served.release();
    expect(prediction).toEqual([...answer.prediction]);
    if (answer.kind === 'labels') expect(probabilities).toEqual([...answer.probabilities!]);
    expect(new Set(prediction).size).toBeGreaterThan(1);
  });
});
