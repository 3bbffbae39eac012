import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTopology } from '../../src/engine/keras/topology';
import { ModelFolder } from '../../src/pretrained/folder';
import { zip } from '../support/zip';

const layer = (name: string, reads: string[]) => ({
  ...{ class_name: 'Activation', name, config: { name, activation: 'relu' } },
  inbound_nodes: [reads.map((read) => [read, 0, 0, {}])],
});
const input = {
  ...{ class_name: 'InputLayer', name: 'i', config: { name: 'i', batch_input_shape: [null, 4] }, inbound_nodes: [] },
};
const graph = (layers: object[], output: string) => {
  const config = { name: 'm', layers, input_layers: [['i', 0, 0]], output_layers: [[output, 0, 0]] };
  return { modelTopology: { class_name: 'Functional', config } };
};
const chain = (length: number) =>
  Array.from({ length }, (_, i) => layer(`a${i}`, [i === 0 ? 'i' : `a${i - 1}`])).reverse();

describe('layers of a graph', () => {
  it('stand after what they read, however long the chain and whatever the order in the file', () => {
    const { layers } = readTopology(graph([...chain(1_900), input], 'a1899'));
    expect(layers.map(({ layer: { name } }) => name)).toEqual(Array.from({ length: 1_900 }, (_, i) => `a${i}`));
  });

  it('are read once where several layers read them', () => {
    const layers = [input, layer('a', ['i']), layer('b', ['a']), layer('c', ['a', 'b', 'a'])];
    const read = readTopology(graph(layers, 'c')).layers;
    expect(read.map(({ layer: { name }, from }) => [name, from.join()])).toEqual([
      ['a', 'input'],
      ['b', 'a'],
      ['c', 'a,b,a'],
    ]);
  });

  it.each<[string, object[], string, RegExp]>([
    ['more layers than are taken', [input, ...chain(60_000)], 'a59999', /more than 2000 layers/],
    ['a circle', [input, layer('a', ['b']), layer('b', ['a'])], 'b', /reads its own output/],
    ['a layer that reads itself', [input, layer('a', ['a'])], 'a', /"a" reads its own output/],
    ['a layer that reads what is not there', [input, layer('a', ['x'])], 'a', /reads "x", which is not there/],
    ['an output that is not there', [input, layer('a', ['i'])], 'x', /reads "x", which is not there/],
  ])('are refused for %s', (_, layers, output, message) => {
    expect(() => readTopology(graph(layers, output))).toThrow(message);
  });
});

describe('model.json in a ZIP file', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'praxis-test-topology-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const read = async (files: Record<string, string>): Promise<unknown> => {
    const path = join(folder, 'model.zip');
    await writeFile(path, zip(files));
    const opened = await ModelFolder.open(path, { byteCountMax: 2 ** 30 });
    return opened.topology().finally(() => opened.close());
  };
  const repeated = (item: string, bytes: number) => `[${item.repeat(bytes / item.length)}${item.slice(0, -1)}]`;

  it.each<[string, string, RegExp]>([
    ['too many bytes', `"${'x'.repeat(2 ** 21)}"`, /at most 2097152 are read/],
    ['too many lists', repeated('[],', 2 ** 19), /more than 50000 lists and objects/],
    ['too many texts', repeated('"",', 2 ** 19), /more than 100000 texts/],
    ['too many values', repeated('0,', 2 ** 19), /more than 200000 values/],
    ['too deep a nesting', '['.repeat(2 ** 20), /more than 64 deep/],
  ])('is not parsed with %s', async (_, text, message) => {
    await expect(read({ 'model.json': text })).rejects.toThrow(message);
  });

  it('is not opened among files whose names are long', async () => {
    const files = Array.from({ length: 200 }, (_, i) => [`${i}${'n'.repeat(6_000)}`, '']);
    await expect(read({ 'model.json': '{}', ...Object.fromEntries(files) })).rejects.toThrow(/names of more than/);
  });
});
