/**
 * A document as its reader follows it. A `sh` block is a command, a `js` block a program. A `graphql` block is one operation; the `json` block behind it
 * holds its variables. The text behind them may say what to keep of the answer:
 *
 *     Keep `createDataset.dataset.id` as `<datasetId>`.
 *
 * and a later block that says `<datasetId>` means that value.
 */
export type Step = Command | Operation;

export interface Command {
  kind: 'command';
  /** Of the document, from 1. */
  line: number;
  text: string;
  language: 'sh' | 'js';
}

export interface Operation {
  kind: 'operation';
  line: number;
  query: string;
  /** JSON with placeholders. */
  variables: string;
  /** From name to its path in the answer. */
  keeps: Record<string, string>;
}

export const PLACEHOLDER = /<(\w+)>/g;
const BLOCK = /^```(\w+)\n([^]*?)^```$/gm;
const KEEP = /`([\w.[\]]+)` as `<(\w+)>`/g;

export function readSteps(markdown: string): Step[] {
  const steps: Step[] = [];
  const blocks = [...markdown.matchAll(BLOCK)];
  blocks.forEach((block, i) => {
    const [, language, text] = block;
    const line = markdown.slice(0, block.index).split('\n').length;
    const prose = markdown.slice(block.index + block[0].length, blocks[i + 1]?.index);
    const last = steps.at(-1);
    if (language === 'sh' || language === 'js') steps.push({ kind: 'command', line, text: text.trim(), language });
    if (language === 'graphql')
      steps.push({ kind: 'operation', line, query: text, variables: '{}', keeps: keepsIn(prose) });
    if (language === 'json' && last?.kind === 'operation') {
      last.variables = text;
      Object.assign(last.keeps, keepsIn(prose));
    }
  });
  return steps;
}

const keepsIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(KEEP)].map(([, path, name]) => [name, path]));
