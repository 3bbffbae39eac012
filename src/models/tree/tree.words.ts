import { COLUMN_TYPES, shown, shownList } from '../../formats';
import { Language } from '../../kernel';
import type { ModelCard } from '../model.entity';
import type { Condition } from './tree.conditions';

/** Sentences and parts of them; names, levels and numbers come as they are to be read. */
export interface TreeWords {
  atMost(name: string, value: string): string;
  above(name: string, value: string): string;
  between(name: string, above: string, atMost: string): string;
  oneOf(name: string, levels: string): string;
  noneOf(name: string, levels: string): string;
  missing(name: string): string;
  present(name: string): string;
  orMissing(condition: string): string;
  never(name: string): string;
  rule(conditions: string[], answer: string, rows: string, share: string): string;
  probability(label: string, percent: string): string;
  rows(count: string): string;
  leaves(count: string): string;
  title(target: string): string;
  /** `pictured` of `all` leaves. */
  summary(counts: { pictured: string; all: string; depth: string }, question: string): string;
  yes: string;
  no: string;
}

const WORDS: Record<Language, TreeWords> = {
  [Language.EN]: {
    atMost: (name, value) => `${name} is at most ${value}`,
    above: (name, value) => `${name} is above ${value}`,
    between: (name, above, atMost) => `${name} is above ${above} and at most ${atMost}`,
    oneOf: (name, levels) => `${name} is one of ${levels}`,
    noneOf: (name, levels) => `${name} is none of ${levels}`,
    missing: (name) => `${name} is missing`,
    present: (name) => `${name} is there`,
    orMissing: (condition) => `${condition}, or missing`,
    never: (name) => `${name} is a text that is not known`,
    rule: (conditions, answer, rows, share) =>
      `${conditions.length > 0 ? `If ${conditions.join('; and ')}: ` : 'Always: '}${answer} (${rows} rows of the training, ${share} %).`,
    probability: (label, percent) => `${label} with a probability of ${percent} %`,
    rows: (count) => `${count} rows`,
    leaves: (count) => `and ${count} leaves below`,
    title: (target) => `Decision tree for ${target}`,
    summary: ({ pictured, all, depth }, question) =>
      `${all} leaves, at most ${depth} questions; ${pictured} of them are shown. First question: ${question}.`,
    ...{ yes: 'yes', no: 'no' },
  },
  [Language.ZH]: {
    atMost: (name, value) => `${name} 不大于 ${value}`,
    above: (name, value) => `${name} 大于 ${value}`,
    between: (name, above, atMost) => `${name} 大于 ${above} 且不大于 ${atMost}`,
    oneOf: (name, levels) => `${name} 为以下之一：${levels}`,
    noneOf: (name, levels) => `${name} 不为以下任何一个：${levels}`,
    missing: (name) => `${name} 缺失`,
    present: (name) => `${name} 有值`,
    orMissing: (condition) => `${condition}，或缺失`,
    never: (name) => `${name} 为未知文本`,
    rule: (conditions, answer, rows, share) =>
      `${conditions.length > 0 ? `如果 ${conditions.join('；且 ')}：` : '总是：'}${answer}（训练数据 ${rows} 行，占 ${share} %）。`,
    probability: (label, percent) => `${label}，概率 ${percent} %`,
    rows: (count) => `${count} 行`,
    leaves: (count) => `其下还有 ${count} 个叶节点`,
    title: (target) => `${target} 的决策树`,
    summary: ({ pictured, all, depth }, question) =>
      `共 ${all} 个叶节点，至多 ${depth} 个问题；图中显示 ${pictured} 个。第一个问题：${question}。`,
    ...{ yes: '是', no: '否' },
  },
};

/** Writes conditions and answers of the tree of a card in a language. */
export class TreeWriter {
  readonly words: TreeWords;

  constructor(
    private readonly card: ModelCard,
    language: Language,
  ) {
    this.words = WORDS[language];
  }

  condition(condition: Condition): string {
    const { words } = this;
    const name = shown(condition.feature);
    const text = condition.isText ? this.ofTexts(name, condition) : this.ofNumbers(name, condition);
    if (text === null) return condition.missing ? words.missing(name) : words.never(name);
    return condition.missing && this.mayMiss(condition) ? words.orMissing(text) : text;
  }

  /** What is answered by scores: the number, or the class that is likeliest or that the costs choose. */
  answer(scores: number[]): string {
    const { targets, labels } = this.card;
    if (!targets) return this.answerOf(labels, scores, this.card);
    const answers = targets.map(
      (target, k) => `${shown(target.name)}: ${this.answerOf(target.labels, [scores[k]], target)}`,
    );
    return answers.join(', ');
  }

  count = (value: number): string => value.toLocaleString('en');

  private ofNumbers(name: string, { above, atMost, input }: Condition): string | null {
    const { words } = this;
    const written = (value: number) => this.number(value, input);
    // Bounds beyond all numbers are those of missing values alone.
    const low = above === null || above === -Number.MAX_VALUE ? null : above;
    const high = atMost === null || atMost === Number.MAX_VALUE ? null : atMost;
    if (atMost === -Number.MAX_VALUE || above === Number.MAX_VALUE) return null;
    if (low !== null && high !== null) return words.between(name, written(low), written(high));
    if (low !== null) return words.above(name, written(low));
    return high === null ? words.present(name) : words.atMost(name, written(high));
  }

  /** By the shorter list. */
  private ofTexts(name: string, { levels, excluded, others }: Condition): string | null {
    if (others && excluded.length > 0) return this.words.noneOf(name, shownList(excluded));
    return levels.length > 0 ? this.words.oneOf(name, shownList(levels)) : null;
  }

  /** Where training missed no value of a column, that one may go either way is not told. */
  private mayMiss({ input }: Condition): boolean {
    return this.inputOf(input)?.missingFraction !== 0;
  }

  private inputOf(input: string | null): ModelCard['inputs'][number] | undefined {
    return this.card.inputs.find(({ name }) => name === input);
  }

  private number(value: number, input: string | null): string {
    return numberText(value, this.inputOf(input)?.columnType);
  }

  private answerOf(labels: string[] | null, scores: number[], { columnType }: Pick<ModelCard, 'columnType'>): string {
    if (!labels) return numberText(scores[0], columnType);
    const probabilities = scores.length === 1 && labels.length === 2 ? [1 - scores[0], scores[0]] : scores;
    const threshold = this.card.decision?.threshold;
    const best =
      threshold === undefined
        ? probabilities.indexOf(Math.max(...probabilities))
        : Number(probabilities[1] >= Math.fround(threshold));
    return this.words.probability(shown(labels[best]), percentOf(probabilities[best]));
  }
}

const DIGITS = 12;

/** Dates and the like as texts. */
function numberText(value: number, columnType: ModelCard['columnType']): string {
  const write = columnType && COLUMN_TYPES[columnType].shown;
  return write && Number.isFinite(value) ? write(value) : String(Number(value.toPrecision(DIGITS)));
}

export const percentOf = (share: number): string => String(Number((100 * share).toPrecision(3)));
