import type { ParameterSpec } from '../../layers/parameters';

/**
 * Parameters `kernel_i` and `bias_i` of dense layer `i`. Hidden layers start as He et al. 2015 advise for rectifiers, the
 * last as Glorot & Bengio 2010.
 */
function denseSpecs(i: number, inputs: number, units: number, last: boolean): ParameterSpec[] {
  const limit = Math.sqrt(6 / (last ? inputs + units : inputs));
  return [
    { name: `kernel_${i}`, shape: [inputs, units], limit, penalized: true },
    { name: `bias_${i}`, shape: [units], limit: 0, penalized: false },
  ];
}

/** Those of dense layers one after another, from `sizes[0]` numbers to the last of `sizes`. */
export const stackSpecs = (sizes: number[]): ParameterSpec[] =>
  sizes.slice(1).flatMap((units, i) => denseSpecs(i, sizes[i], units, i === sizes.length - 2));
