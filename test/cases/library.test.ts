import { CASES } from '../../seeds/library';

/** The same tree with its texts blanked, so that two languages can be compared. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
  }
  return typeof value;
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(texts) : [];
}

describe.each(CASES)('$slug', ({ slug, document, definition, generate }) => {
  const { en, zh } = document;

  test('says the same in both languages', () => {
    expect(shape(zh)).toEqual(shape(en));
    expect(zh.data.columns.map(({ name, unit }) => [name, unit])).toEqual(
      en.data.columns.map(({ name, unit }) => [name, unit]),
    );
    expect(zh.references).toEqual(en.references);
  });

  test('leaves nothing empty, and the Chinese text is Chinese', () => {
    for (const text of [...texts(en), ...texts(zh)]) expect(text.trim()).toBe(text);
    expect([...texts(en), ...texts(zh)].every((text) => text.length > 0)).toBe(true);
    const prose = [zh.title, zh.summary, ...zh.background, ...zh.successFactors, zh.operations.monitoring];
    for (const text of prose) expect(text).toMatch(/[\u4e00-\u9fff]/);
    expect(texts(en).join('')).not.toMatch(/[\u4e00-\u9fff]/);
  });

  test('quotes the same figures in both languages', () => {
    const figures = (text: string) => (text.match(/\d[\d.,]*\d|\d/g) ?? []).sort();
    expect(figures(zh.data.origin)).toEqual(figures(en.data.origin));
    expect(figures(zh.operations.threshold)).toEqual(figures(en.operations.threshold));
    for (const [i, { reason }] of en.metricReasons.entries()) {
      expect(figures(zh.metricReasons[i].reason)).toEqual(figures(reason));
    }
  });

  test('documents the columns that are generated and the metrics that are checked', () => {
    const { columns, rows } = generate(50, 1);
    expect(en.data.columns.map(({ name }) => name)).toEqual(columns);
    expect(rows).toHaveLength(50);
    expect(en.metricReasons.map(({ metric }) => metric)).toEqual(definition.expected.map(({ metric }) => metric));
  });

  test('its samples have every input and not the answer', () => {
    const select = definition.pipeline.steps[0].parameters as { target: string; drop?: string[] };
    const inputs = generate(1, 1).columns.filter((c) => c !== select.target && !select.drop?.includes(c));
    for (const sample of definition.samples) expect(Object.keys(sample).sort()).toEqual([...inputs].sort());
    expect(definition.deployment).toBe(slug);
  });
});

/** What a document says of input that the model has not seen, by what the deployment of the case does with it. */
const WORDS: Record<string, [en: RegExp, zh: RegExp]> = {
  NOTE: [/notes tell which input left its training range/, /提示哪个输入超出了训练范围/],
  REFUSE: [
    /is refused with the reason.*the deployment has the policy REFUSE/,
    /会被拒绝并说明原因.*该部署采用 REFUSE 策略/,
  ],
};

test.each(CASES)('$slug does with unusual input what its document says', ({ document, definition }) => {
  const says = ([en, zh]: [RegExp, RegExp]) => [
    texts(document.en).some((text) => en.test(text)),
    texts(document.zh).some((text) => zh.test(text)),
  ];
  const { onUnusualInput = 'NOTE' } = definition;
  for (const [policy, words] of Object.entries(WORDS)) {
    expect([policy, ...says(words)]).toEqual([policy, policy === onUnusualInput, policy === onUnusualInput]);
  }
});

/** What the documents speak of and the product does not do yet; an entry goes when it does. */
const PLANNED: [en: RegExp, zh: RegExp][] = [
  [/contributed most/, /影响最大/],
  [/drift and outcomes|outcomes recorded|from outcomes/i, /监测漂移|结果与预测一并/],
  [/feedback|last week's warnings/, /反馈|上周预警/],
  [/champion|challenger/i, /冠军|挑战者/],
];

test.each(PLANNED)('%s is called planned in every document', (en, zh) => {
  const all = CASES.flatMap(({ document }) => [
    ...texts(document.en).map((text) => [text, en, /planned/i] as const),
    ...texts(document.zh).map((text) => [text, zh, /计划中/] as const),
  ]);
  const spoken = all.filter(([text, feature]) => feature.test(text));
  expect(spoken.length).toBeGreaterThan(1);
  for (const [text, , planned] of spoken) expect(text).toMatch(planned);
});
