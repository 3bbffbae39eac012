import { savedLines } from '../../src/quickstart/summary';

test.each([
  ['model.onnx', 'The model is in there: run model.onnx in any ONNX runtime.'],
  ['model.tar', 'The model is in there: unpack model.tar, then run its model.onnx in any ONNX runtime.'],
])('%s is told by its name', (file, line) => {
  expect(savedLines({ saved: 'there', downloadPath: `/models/1/${file}` }).map((text) => text.trim())).toEqual([line]);
});

test('nothing is told where nothing was saved', () => {
  expect(savedLines({ saved: null, downloadPath: '/models/1/model.onnx' })).toEqual([]);
});
