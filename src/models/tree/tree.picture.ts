import type { OutlineNode, TreeOutline } from '../../engine';
import { conditionOf } from './tree.conditions';
import type { TreeWriter } from './tree.words';

/** Leaves of a picture; what lies below is counted. */
export const PICTURED_MAX = 64;
const LINE_MAX = 34;

const BOX = { width: 236, height: 62, gapX: 16, gapY: 46, margin: 16 };
const LINE_HEIGHT = 18;

interface Placed {
  node: number;
  x: number;
  y: number;
  /** Of the way to it; null of the root. */
  from: { x: number; y: number; isLeft: boolean } | null;
}

/** A tree as SVG: text that is escaped, shapes, nothing that runs or is fetched. @param id of the elements that name it */
export function pictureOf(
  outline: TreeOutline,
  writer: TreeWriter,
  { id, target }: { id: string; target: string },
): string {
  const { words } = writer;
  const opened = openedNodes(outline);
  const placed = place(outline, opened);
  const width = Math.max(...placed.map(({ x }) => x)) + BOX.width / 2 + BOX.margin;
  const height = Math.max(...placed.map(({ y }) => y)) + BOX.height + BOX.margin;
  const [{ split }] = outline.nodes;
  const counts = {
    pictured: writer.count(opened.size + 1),
    all: writer.count(leavesBelow(outline, 0)),
    depth: writer.count(depthOf(outline)),
  };
  const question = split ? writer.condition(conditionOf(split, true)) : words.yes;
  const lines = placed.filter(({ from }) => from).map((each) => edge(each, words));
  const boxes = placed.map((each) => box(each, outline, { writer, isOpen: opened.has(each.node) }));
  const [titleId, descriptionId] = [`${id}-title`, `${id}-desc`];
  return element(
    'svg',
    {
      ...{ xmlns: 'http://www.w3.org/2000/svg', viewBox: [0, 0, width, height].join(' '), width, height, role: 'img' },
      ...{ 'aria-labelledby': [titleId, descriptionId].join(' '), 'font-family': 'sans-serif', 'font-size': 13 },
    },
    element('title', { id: titleId }, escapeXml(words.title(target))),
    element('desc', { id: descriptionId }, escapeXml(words.summary(counts, question))),
    element('rect', { width, height, fill: '#ffffff' }),
    ...lines,
    ...boxes,
  );
}

/** @param attributes as they are; @param content escaped, or elements */
function element(name: string, attributes: Record<string, string | number>, ...content: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}=${JSON.stringify(String(value))}`);
  return `<${name}${written.join('')}>${content.join('\n')}</${name}>`;
}

/** Splits that are pictured: those that most rows reach, as many as the leaves allow. */
function openedNodes({ nodes }: TreeOutline): Set<number> {
  const opened = new Set<number>();
  const waiting = nodes[0].split ? [0] : [];
  while (waiting.length > 0 && opened.size + 1 < PICTURED_MAX) {
    waiting.sort((a, b) => nodes[b].rows - nodes[a].rows || a - b);
    const node = waiting.shift()!;
    opened.add(node);
    const { left, right } = nodes[node].split!;
    waiting.push(...[left, right].filter((child) => nodes[child].split));
  }
  return opened;
}

/** Leaves side by side, each split above the middle of its sides. */
function place({ nodes }: TreeOutline, opened: ReadonlySet<number>): Placed[] {
  const placed: Placed[] = [];
  let leaves = 0;
  const visit = (node: number, depth: number): Placed => {
    const y = BOX.margin + depth * (BOX.height + BOX.gapY);
    if (!opened.has(node)) {
      const x = BOX.margin + BOX.width / 2 + leaves++ * (BOX.width + BOX.gapX);
      const leaf: Placed = { node, x, y, from: null };
      placed.push(leaf);
      return leaf;
    }
    const { left, right } = nodes[node].split!;
    const sides = [visit(left, depth + 1), visit(right, depth + 1)];
    const here: Placed = { node, x: (sides[0].x + sides[1].x) / 2, y, from: null };
    sides.forEach((side, i) => (side.from = { x: here.x, y: y + BOX.height, isLeft: i === 0 }));
    placed.push(here);
    return here;
  };
  visit(0, 0);
  return placed;
}

function edge({ x, y, from }: Placed, { yes, no }: Pick<TreeWriter['words'], 'yes' | 'no'>): string {
  const start = from!;
  const [middleX, middleY] = [(start.x + x) / 2, (start.y + y) / 2];
  const halo = { stroke: '#ffffff', 'stroke-width': 4, 'paint-order': 'stroke' };
  return [
    element('line', { x1: start.x, y1: start.y, x2: x, y2: y, stroke: '#5f6b7a' }),
    element('text', { x: middleX, y: middleY, ...TEXT, ...halo }, start.isLeft ? yes : no),
  ].join('');
}

const TEXT = { 'text-anchor': 'middle', fill: '#1f2933' };

function box(
  { node, x, y }: Placed,
  outline: TreeOutline,
  { writer, isOpen }: { writer: TreeWriter; isOpen: boolean },
): string {
  const { split, rows, scores } = outline.nodes[node];
  const { words } = writer;
  const rowsText = words.rows(writer.count(rows));
  const below = split && !isOpen ? words.leaves(writer.count(leavesBelow(outline, node))) : '';
  const full = split && isOpen ? writer.condition(conditionOf(split, true)) : writer.answer(scores);
  const lines = [...cut(full, below ? 1 : 2), rowsText, ...(below ? [below] : [])];
  const texts = lines.map((line, i) => element('text', { x, y: y + LINE_HEIGHT * (i + 1), ...TEXT }, escapeXml(line)));
  const { width, height } = BOX;
  const look =
    split && isOpen ? { fill: '#eef3fa', stroke: '#3a5f95', rx: 0 } : { fill: '#edf7ee', stroke: '#3c7a46', rx: 10 };
  return element(
    'g',
    {},
    element('title', {}, escapeXml(full)),
    element('rect', { x: x - width / 2, y, width, height, ...look }),
    ...texts,
  );
}

/** In lines of a box, the last of which may end in an ellipsis. */
function cut(text: string, lines: number): string[] {
  const characters = Array.from(text);
  const parts: string[] = [];
  for (let line = 0; line < lines && characters.length > 0; line++) {
    const part = characters.splice(0, breakOf(characters)).join('').trim();
    parts.push(part);
  }
  if (characters.length > 0) parts[parts.length - 1] = `${parts[parts.length - 1].slice(0, LINE_MAX - 1)}…`;
  return parts;
}

/** Where a line ends: at its last blank, where it has one in its second half. */
function breakOf(characters: string[]): number {
  if (characters.length <= LINE_MAX) return characters.length;
  const blank = characters.lastIndexOf(' ', LINE_MAX);
  return blank > LINE_MAX / 2 ? blank : LINE_MAX;
}

export const leavesBelow = ({ nodes }: TreeOutline, root: number): number => counted(nodes, root).leaves;
export const depthOf = ({ nodes }: TreeOutline): number => counted(nodes, 0).depth;

function counted(nodes: OutlineNode[], root: number): { leaves: number; depth: number } {
  const found = { leaves: 0, depth: 0 };
  const open = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth } = next;
    const { split } = nodes[node];
    if (split) open.push({ node: split.left, depth: depth + 1 }, { node: split.right, depth: depth + 1 });
    else found.leaves++;
    found.depth = Math.max(found.depth, depth);
  }
  return found;
}

/** What XML takes for markup, or does not take at all. */
const escapeXml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
