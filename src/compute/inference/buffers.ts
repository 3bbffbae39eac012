/** Rows on their way to an inference thread: few large arrays, so that a message costs little to clone. */

/** Rows of one model: its number columns one after another in `numbers`, its text columns each as a list. */
export interface RowBlock {
  rowCount: number;
  /** Column-major [number columns × rowCount], in the order of the model's inputs; NaN is missing. Files of either size take them. */
  numbers: Float64Array;
  /** One list of rowCount texts per category column, in the order of the model's inputs; '' is missing. */
  texts: string[][];
}

/** Below this many values a plain loop beats making a view for `set`. */
const SMALL = 32;

/** One block over all rows, in order: of one block itself. The blocks must be of one model. */
export function concatBlocks(blocks: RowBlock[]): RowBlock {
  if (blocks.length === 1) return blocks[0];
  const rowCount = blocks.reduce((sum, block) => sum + block.rowCount, 0);
  const width = blocks[0].numbers.length / blocks[0].rowCount;
  const numbers = new Float64Array(width * rowCount);
  let offset = 0;
  for (const block of blocks) {
    for (let column = 0; column < width; column++) copyColumn(block, column, numbers, column * rowCount + offset);
    offset += block.rowCount;
  }
  const texts = blocks[0].texts.map((_, column) => blocks.flatMap((block) => block.texts[column]));
  return { rowCount, numbers, texts };
}

function copyColumn({ numbers, rowCount }: RowBlock, column: number, target: Float64Array, at: number): void {
  const from = column * rowCount;
  if (rowCount > SMALL) target.set(numbers.subarray(from, from + rowCount), at);
  else for (let row = 0; row < rowCount; row++) target[at + row] = numbers[from + row];
}

/** Rows `start` up to `end` as a block of their own. */
export function sliceBlock(block: RowBlock, start: number, end: number): RowBlock {
  const width = block.numbers.length / block.rowCount;
  const rowCount = end - start;
  const numbers = new Float64Array(width * rowCount);
  for (let column = 0; column < width; column++) {
    const from = column * block.rowCount;
    numbers.set(block.numbers.subarray(from + start, from + end), column * rowCount);
  }
  return { rowCount, numbers, texts: block.texts.map((text) => text.slice(start, end)) };
}
