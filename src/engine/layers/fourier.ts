/** Random Fourier features: cosines whose inner products approximate a radial kernel. */
import { Random } from '../random';

/**
 * sqrt(2 / count) · cos(x · kernel + offset) of two rows has an inner product near exp(-gamma · squared distance), with an
 * error of the order of 1 / sqrt(count) (Rahimi & Recht, "Random features for large-scale kernel machines", 2007). The draws
 * are the same in every process. kernel: row-major [width, count].
 */
export function fourierFeatures({ width, count, gamma }: { width: number; count: number; gamma: number }): {
  kernel: Float32Array;
  offset: Float32Array;
} {
  const random = new Random(0xf0f0, 1);
  const uniform = () => (random.uint32() + 0.5) / 2 ** 32;
  // Box & Muller 1958.
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    kernel: Float32Array.from({ length: width * count }, () => normal() * Math.sqrt(2 * gamma)),
    offset: Float32Array.from({ length: count }, () => uniform() * 2 * Math.PI),
  };
}
