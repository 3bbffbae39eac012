/** A single tree as rules and as a picture: they say what the model answers, in both languages, whatever columns are called. */
import { openModel } from '../../../src/engine/run';
import { Random } from '../../../src/engine/random';
import { TREE_OUTLINE, type LabelsOutput, type NumbersOutput, type TreeOutline } from '../../../src/engine/types';
import { Language } from '../../../src/kernel';
import type { ModelCard, ModelVersion } from '../../../src/models';
import { waysOf, type Condition } from '../../../src/models/tree/tree.conditions';
import { DecisionTreeResolver } from '../../../src/models/tree/tree.resolver';
import { DecisionTree } from '../../../src/models/tree/tree.type';
import { uniform } from './boosting.fixture';
import { LEVELS, requestOf, trained } from './learner.fixture';

type Row = Record<string, number | string>;

/** Every condition is looked at by itself, as a person would. */
function holds(condition: Condition, value: number | string): boolean {
  if (value === '' || Number.isNaN(value)) return condition.missing;
  if (typeof value === 'number')
    return (
      (condition.above === null || value > condition.above) && (condition.atMost === null || value <= condition.atMost)
    );
  return condition.levels.includes(value) || (condition.others && !condition.excluded.includes(value));
}

async function tree(target: string | string[], parameters: object = {}, rename = new Map<string, string>()) {
  const request = requestOf('tree', target, { ...parameters });
  for (const column of request.table.columns) column.name = rename.get(column.name) ?? column.name;
  const { model, card, explanation } = await trained(request);
  const { bytes } = explanation.find(({ name }) => name === TREE_OUTLINE)!;
  const outline = JSON.parse(Buffer.from(bytes).toString('utf8')) as TreeOutline;
  return { model, card, outline, read: readTree(card as ModelCard, outline) };
}

function readTree(card: ModelCard, outline: TreeOutline) {
  const resolver = new DecisionTreeResolver();
  const shownTree = new DecisionTree({ id: 'v1', card } as ModelVersion, outline);
  return {
    rules: (language: Language) => resolver.rules(shownTree, language),
    picture: (language: Language) => resolver.picture(shownTree, language),
  };
}

function rowsOf(count: number): Row[] {
  const random = new Random(8);
  return Array.from({ length: count }, () => ({
    place: ['', 'unheard of', ...LEVELS][random.below(6)],
    a: uniform(random) < 0.2 ? NaN : uniform(random),
    b: uniform(random) < 0.2 ? NaN : random.below(8) - 1,
  }));
}

it.each(['number', 'class', 'flag'])('each row goes exactly one way, to what the model answers: %s', async (target) => {
  const { model, outline } = await tree(target);
  const rows = rowsOf(300);
  const served = await openModel(model);
  const answer = (await served.predict({
    rowCount: rows.length,
    columns: [
      rows.map(({ place }) => place as string),
      ...['a', 'b'].map((name) => Float64Array.from(rows, (row) => row[name] as number)),
    ],
  })) as NumbersOutput | LabelsOutput;
  await served.release();
  const ways = waysOf(outline);
  expect(ways.length).toBeGreaterThan(5);
  rows.forEach((row, i) => {
    const taken = ways.filter(({ conditions }) => conditions.every((each) => holds(each, row[each.feature])));
    expect(taken).toHaveLength(1);
    const { scores } = outline.nodes[taken[0].leaf];
    const values = answer.kind === 'numbers' ? answer.prediction : answer.probabilities;
    const width = values.length / rows.length;
    scores.forEach((score, k) => expect(values[i * width + width - scores.length + k]).toBeCloseTo(score, 5));
  });
  expect(ways.reduce((sum, { leaf }) => sum + outline.nodes[leaf].rows, 0)).toBe(outline.nodes[0].rows);
});

it('rules are sentences in both languages, those of the most rows first', async () => {
  const { read } = await tree('flag', { leaves: 4 });
  const [english, chinese] = [read.rules(Language.EN), read.rules(Language.ZH)];
  expect(english).toHaveLength(chinese.length);
  expect(english.map(({ rowCount }) => rowCount)).toEqual(
    english.map(({ rowCount }) => rowCount).toSorted((a, b) => b - a),
  );
  expect(english.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(english[0].text).toMatch(
    /^If ".+: "(yes|no)" with a probability of [\d.]+ % \(\d+ rows of the training, [\d.]+ %\)\.$/,
  );
  expect(chinese[0].text).toMatch(/^如果 ".+："(yes|no)"，概率 [\d.]+ %（训练数据 \d+ 行，占 [\d.]+ %）。$/);
});

it('several targets are answered by name, and a tree of one leaf always', async () => {
  const { read } = await tree(['flag', 'east'], { leaves: 3 });
  expect(read.rules(Language.EN)[0].answer).toMatch(/^"flag": "(yes|no)" with .+, "east": "(yes|no)" with/);
  const single = await tree('number', { rowsPerLeaf: 1000 });
  expect(single.read.rules(Language.EN).map(({ text }) => text)).toEqual([expect.stringMatching(/^Always: 1\.\d+ \(/)]);
  expect(single.read.picture(Language.EN)).toContain('1 leaves');
});

describe('the picture', () => {
  const HOSTILE = `</text><script>alert("1")</script>&'\u202e\u0000${'x'.repeat(300)}`;

  it('is well-formed, named, bounded and free of what columns are called', async () => {
    const { read } = await tree('flag', { leaves: 200, rowsPerLeaf: 1 }, new Map([['a', HOSTILE]]));
    for (const language of [Language.EN, Language.ZH]) {
      const svg = read.picture(language);
      expect(wellFormed(svg)).toBe(true);
      expect(svg).not.toMatch(/<script|\u202e|\0|href|on\w+=/);
      expect(svg).toMatch(/role="img" aria-labelledby="tree-v1-title tree-v1-desc"/);
      expect(
        svg.match(/<title id="tree-v1-title">[^<]+<\/title>\n<desc id="tree-v1-desc">[^<]+<\/desc>/),
      ).not.toBeNull();
      expect(svg.match(/rx="10"/g)!.length).toBeLessThanOrEqual(64);
      expect(svg).toContain(language === Language.EN ? 'rows' : '行');
    }
  });

  it('counts the leaves below where there are more than fit', async () => {
    const node = (at: number, depth: number): TreeOutline['nodes'][number] => ({
      ...{ rows: 2 ** (8 - depth), scores: [at] },
      split:
        depth === 8
          ? null
          : {
              ...{ feature: 'x', input: 'x', threshold: at, levelsLeft: [], levelsRight: [], othersLeft: false },
              ...{ missingLeft: true, left: 2 * at + 1, right: 2 * at + 2 },
            },
    });
    const nodes = Array.from({ length: 2 ** 9 - 1 }, (_, at) => node(at, Math.floor(Math.log2(at + 1))));
    const card = { inputs: [], labels: null, target: 'y' } as unknown as ModelCard;
    const svg = readTree(card, { unit: 'target', nodes }).picture(Language.EN);
    expect(svg.match(/rx="10"/g)).toHaveLength(64);
    expect(svg.match(/and 4 leaves below/g)).toHaveLength(64);
    expect(svg).toContain('256 leaves, at most 8 questions; 64 of them are shown.');
  });
});

/** Tags that close what they open, and no bare markup in texts. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  let rest = xml;
  while (rest.length > 0) {
    const text = /^[^<>&]+|^&(?:#\d+|amp|lt|gt);/.exec(rest);
    const tag = /^<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<>&]*")*)(\/?)>/.exec(rest);
    if (tag) {
      if (tag[1] && open.pop() !== tag[2]) return false;
      if (!tag[1] && !tag[4]) open.push(tag[2]);
    } else if (!text) return false;
    rest = rest.slice((tag ?? text)![0].length);
  }
  return open.length === 0;
}
