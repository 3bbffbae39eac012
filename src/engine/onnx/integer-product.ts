/**
 * Matrix products in 8-bit integers. The left factor is quantised while it runs, each row by its own largest magnitude: one
 * scale for the whole batch, as DynamicQuantizeLinear has it, would let a row's answer depend on its neighbours.
 * Standard operators only, so that any ONNX runtime computes the file.
 */
import { onnx } from 'onnx-proto';
import { attribute, sizeOf } from './weights';
import { floatTensor, LEVEL_MAX, type Quantised } from './weight-codec';

/** Smaller products are faster in float32: measured, see docs/decisions/0008-model-variants.md. */
const INTEGER_ELEMENTS_MIN = 2 ** 17;
const FLOAT = 1;
const UINT8 = 2;
/** What stands for zero in the unsigned levels of the left factor. */
const ZERO_LEVEL = 128;
/** A row of zeros is divided by this. */
const TINY = 1e-30;

export function isIntegerProduct(node: onnx.INodeProto, { tensor }: Quantised): boolean {
  const plain = node.opType === 'MatMul' || (node.opType === 'Gemm' && isPlainGemm(node));
  return plain && tensor.dims!.length === 2 && sizeOf(tensor) >= INTEGER_ELEMENTS_MIN;
}

/** A · B + C, without a transpose or a factor. */
function isPlainGemm(node: onnx.INodeProto): boolean {
  const factors = ['alpha', 'beta'].map((name) => attribute(node, name)?.f ?? 1);
  return factors.every((factor) => factor === 1) && !['transA', 'transB'].some((name) => attribute(node, name)?.i);
}

/** Nodes in place of the product x · W (+ C); adds their constants to the outermost graph. */
export function appendIntegerProduct(
  root: onnx.IGraphProto,
  { input, output }: onnx.INodeProto,
  weight: Quantised,
): onnx.INodeProto[] {
  const [x, , bias] = input!;
  const [product] = output!;
  const at = (part: string): string => `${product}/${part}`;
  const scale = floatTensor(
    at('scale'),
    [weight.scales.length],
    weight.scales.map((s) => s / LEVEL_MAX),
  );
  const shared = sharedConstants(root);
  addConstants(root, [scale]);
  const node = (opType: string, input: string[], output: string, attribute: onnx.IAttributeProto[] = []) => ({
    ...{ opType, input, output: [output], attribute },
  });
  const last = bias ? at('product') : product;
  return [
    node('Abs', [x], at('magnitude')),
    node('ReduceMax', [at('magnitude'), shared.lastAxis], at('row_peak')),
    node('Max', [at('row_peak'), shared.tiny], at('peak')),
    node('Div', [x, at('peak')], at('unit')),
    node('QuantizeLinear', [at('unit'), shared.step, shared.zero], at('levels')),
    node('MatMulInteger', [at('levels'), weight.tensor.name!, shared.zero], at('sum')),
    node('Cast', [at('sum')], at('float'), [integer('to', FLOAT)]),
    node('Mul', [at('float'), scale.name!], at('scaled')),
    node('Mul', [at('scaled'), at('peak')], last),
    ...(bias ? [node('Add', [last, bias], product)] : []),
  ];
}

const integer = (name: string, i: number): onnx.IAttributeProto => ({
  ...{ name, i, type: onnx.AttributeProto.AttributeType.INT },
});

function sharedConstants(root: onnx.IGraphProto) {
  const names = { lastAxis: 'int8/last_axis', tiny: 'int8/tiny', step: 'int8/step', zero: 'int8/zero' };
  if (!root.initializer!.some(({ name }) => name === names.zero)) {
    addConstants(root, [
      { name: names.lastAxis, dims: [1], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(-1n).buffer) },
      floatTensor(names.tiny, [], Float32Array.of(TINY)),
      floatTensor(names.step, [], Float32Array.of(1 / LEVEL_MAX)),
      { name: names.zero, dims: [], dataType: UINT8, rawData: Uint8Array.of(ZERO_LEVEL) },
    ]);
  }
  return names;
}

const addConstants = (root: onnx.IGraphProto, tensors: onnx.ITensorProto[]): void => {
  root.initializer!.push(...tensors);
};
