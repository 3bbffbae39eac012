/** Files of a model beside its graph: from the learner that made them to the model that is opened with them. */
import { createHash } from 'node:crypto';
import { ASSETS_KEY, manifestOf } from '../../src/engine/serving/assets';
import { decodeModel } from '../../src/engine/onnx/encode';
import { openModel } from '../../src/engine/run';
import { createFit } from '../../src/engine/learning/create-fit';
import { trainTable } from '../../src/engine/training/train';
import { EngineError, type ModelAsset, type NamedFile, type TrainResult } from '../../src/engine/types';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, table } from './tables';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const asset = (name: string, text = name, mediaType = 'text/plain'): ModelAsset => ({
  ...{ name, mediaType, bytes: bytesOf(text) },
});

/** Trained by a learner that hands these on; as any other without them. */
async function trained(assets?: ModelAsset[]): Promise<TrainResult> {
  const x = draw(200, 1, normal);
  const data = table({ x, y: x.map((value) => 2 * value) });
  const fit = createFit();
  return trainTable(
    {
      ...{ table: data, target: 'y', task: null, drop: [], preprocess: DEFAULTS, seed: 1, resume: null },
      split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: false },
      estimator: { family: 'mlp', parameters: { hidden: [32, 32], epochs: 2 } },
    },
    recorder().port,
    async (request, port) => Object.assign(await fit(request, port), { assets }),
  );
}

const metadataOf = (model: Uint8Array) =>
  Object.fromEntries(decodeModel(model).metadataProps.map(({ key, value }) => [key, value]));

describe('a model with assets', () => {
  const words = asset('tokenizer/words.json', '["a","b"]', 'application/json');
  const index = asset('index.bin', '', 'application/octet-stream');
  let result: TrainResult;
  beforeAll(async () => {
    result = await trained([words, index]);
  });
  const open = (assets: NamedFile[]) => openModel(result.model, { assets });

  test('has them in its result, and a manifest of them in its graph, in any precision', () => {
    expect(result.assets).toEqual([words, index]);
    expect(result.variants.map(({ precision }) => precision)).toEqual(['float32', 'float16', 'int8']);
    const sha256 = createHash('sha256').update('["a","b"]').digest('hex');
    for (const { model } of result.variants) {
      expect(JSON.parse(metadataOf(model)[ASSETS_KEY]!)).toEqual([
        { name: 'tokenizer/words.json', mediaType: 'application/json', byteCount: 9, sha256 },
        expect.objectContaining({ name: 'index.bin', byteCount: 0 }),
      ]);
    }
  });

  test('is opened with them, in any order', async () => {
    const served = await open([index, words]);
    expect(Buffer.from(served.assets.get('tokenizer/words.json')!).toString()).toBe('["a","b"]');
    expect((await served.predict({ rowCount: 1, columns: [Float64Array.of(1)] })).kind).toBe('numbers');
    await served.release();
  });

  test.each<[string, NamedFile[], RegExp]>([
    ['none of them', [], /"tokenizer\/words\.json" of the model is missing/],
    ['one too few', [words], /"index\.bin" of the model is missing/],
    ['another size', [{ ...words, bytes: bytesOf('[]') }, index], /has 2 bytes instead of 9/],
    ['another content', [{ ...words, bytes: bytesOf('["a","c"]') }, index], /damaged or another one: its SHA-256 is/],
    ['one too many', [words, index, asset('more')], /has no asset "more"/],
  ])('is not opened with %s', async (_, assets, message) => {
    const opening = open(assets);
    await expect(opening).rejects.toBeInstanceOf(EngineError);
    await expect(opening).rejects.toThrow(message);
  });
});

test('a model without assets is one file, without a manifest', async () => {
  const [without, empty] = [await trained(), await trained([])];
  expect(metadataOf(without.model)).not.toHaveProperty([ASSETS_KEY]);
  expect(without.assets).toEqual([]);
  expect(Buffer.compare(without.model, empty.model)).toBe(0);
});

describe('assets that cannot be kept are refused, with the place', () => {
  test.each([
    ...['', '.', '..', '../x', '/x', 'x/', 'a//b', 'a/../b', 'a\\b', 'C:x', 'x.', '.x', '-x', 'a b', 'é', 'x\0'],
    ...['con', 'a/NUL.txt', 'com1', 'x'.repeat(101), `${'../'.repeat(30)}x`],
  ])('the name %j', (name) => {
    expect(() => manifestOf([asset('fine'), asset(name)])).toThrow(
      expect.objectContaining({ path: 'assets[1].name', message: expect.stringContaining('cannot be the name') }),
    );
  });

  test.each([
    ['a', 'a'],
    ['words.txt', 'Words.txt'],
    ['a', 'a/b'],
    ['a/b', 'A'],
  ])('%s beside %s', (one, other) => {
    expect(() => manifestOf([asset(one), asset(other)])).toThrow(/cannot stand in one folder/);
  });

  test.each(['', 'text', 'text/', '/plain', 'Text/Plain', 'text/plain; charset=utf-8', 'text/plain\n'])(
    'the media type %j',
    (mediaType) => {
      expect(() => manifestOf([asset('a', 'a', mediaType)])).toThrow(
        expect.objectContaining({ path: 'assets[0].mediaType' }),
      );
    },
  );

  test('too many, or too large together', () => {
    expect(() => manifestOf(Array.from({ length: 65 }, (_, i) => asset(`a${i}`)))).toThrow(/at most 64 /);
    const half = new Uint8Array(256 * 2 ** 20 + 1);
    const large = ['a', 'b'].map((name) => ({ ...asset(name), bytes: half }));
    expect(() => manifestOf(large)).toThrow(/536870914 bytes together/);
  });

  test('names that look alike and are different ones are taken', () => {
    const names = ['a.b', 'a/b', 'ab', 'console', 'x/b.c/d_e-f.txt', '_'];
    expect(manifestOf(names.map((name) => asset(name))).map(({ name }) => name)).toEqual(names);
  });
});
