/**
 * Moving the pixels of images [channels, height, width, batch] by tables of their numbers: cutting out what each tap of a
 * window sees, and bringing that back. A pixel is one run of `batch` numbers per channel.
 */
import type { backend_util } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernel';

type Info = backend_util.Conv2DInfo;

/** In a table: no pixel, which counts as zero. */
export const NONE = -1;

export const padsOf = ({ padInfo }: Pick<Info, 'padInfo'>) => [
  padInfo.top,
  padInfo.left,
  padInfo.bottom,
  padInfo.right,
];

/** Which pixel each tap of a window sees from each pixel of the output, [taps][pixels of the output]. */
export function windowTable(info: Info): number[][] {
  const { filterHeight, filterWidth, outHeight, outWidth } = info;
  const range = (length: number) => [...Array(length).keys()];
  return range(filterHeight * filterWidth).map((tap) => {
    const [down, right] = [
      Math.floor(tap / filterWidth) * info.dilationHeight,
      (tap % filterWidth) * info.dilationWidth,
    ];
    return range(outHeight * outWidth).map((pixel) => {
      const row = Math.floor(pixel / outWidth) * info.strideHeight + down - info.padInfo.top;
      const column = (pixel % outWidth) * info.strideWidth + right - info.padInfo.left;
      const inside = row >= 0 && column >= 0 && row < info.inHeight && column < info.inWidth;
      return inside ? row * info.inWidth + column : NONE;
    });
  });
}

/** A text that tells windows over the same image apart. */
export const keyOf = (info: Info): string =>
  [
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    ...padsOf(info),
  ].join();

/**
 * The table the other way: for each of `pixels` all places in `table` that see it, a place being tap · (width of a tap) +
 * output. As tables of equal length, [most places of a pixel][pixels], with NONE at the end.
 */
export function inverseTable(table: number[][], pixels: number, width = table[0].length): number[][] {
  const places = Array.from({ length: pixels }, (): number[] => []);
  table.forEach((row, tap) =>
    row.forEach((pixel, output) => {
      if (pixel !== NONE) places[pixel].push(tap * width + output);
    }),
  );
  const most = places.reduce((length, list) => Math.max(length, list.length), 1);
  return Array.from({ length: most }, (_, i) => places.map((list) => list[i] ?? NONE));
}

/** Pixels as one axis, [channels, pixels, batch]. */
export interface Pixels {
  name: string;
  shape: [channels: number, pixels: number, batch: number];
}

export const pixelsOf = (name: string, [channels, height, width, batch]: number[]): Pixels => ({
  name,
  shape: [channels, height * width, batch],
});

/** The same pixels and one of zeros after them. */
export function withZero(k: KernelCall, { name, shape: [channels, pixels, batch] }: Pixels): Pixels {
  const flat = k.reshape(name, [channels, pixels, batch]);
  const padded = k.emit('Pad', [flat, k.constant([0, 0, 0, 0, 1, 0], 'int64')], { mode: 'constant' });
  return { name: padded, shape: [channels, pixels + 1, batch] };
}

/** The pixels of these numbers, [channels, numbers.length, batch]; `zero` is the number that stands for NONE. */
export function pick(k: KernelCall, x: Pixels, numbers: number[], zero?: number): string {
  const [channels, pixels, batch] = x.shape;
  if (numbers.length === pixels && numbers.every((number, i) => number === i)) return k.reshape(x.name, x.shape);
  const lacks = zero === undefined && numbers.includes(NONE);
  const from = lacks ? withZero(k, x) : x;
  const filled = numbers.map((number) => (number === NONE ? (zero ?? pixels) : number));
  const list = k.constant(filled, 'int32');
  return k.emit('Gather', [k.reshape(from.name, [channels, from.shape[1], batch]), list], { axis: 1 });
}
