import { z } from 'zod';
import { findFamily } from '../../src/engine/families/registry';
import { PraxisError } from '../../src/kernel';
import { issuesOf } from '../../src/pipelines/steps/schema-issues';

/** As `families` tells the parameters, and a pipeline checks them. */
const schema = z.toJSONSchema(findFamily('network')!.schema, { io: 'input' }) as Record<string, unknown>;
const issues = (layer: unknown) =>
  PraxisError.invalid(
    issuesOf(z.fromJSONSchema(schema as never).safeParse({ layers: [layer] }).error!, 'network', schema),
  ).issues;

test.each([
  [{ type: 'dense', units: -1 }, '.units', 'too small: expected number to be >=1', undefined],
  [{ type: 'dense', units: 3, unitz: 1 }, '.unitz', 'is not a parameter', 'Did you mean "units"?'],
  [
    { type: 'conv9' },
    '.type',
    expect.stringMatching(/^expected one of "dense", "bias", "activation", .*"conv2d"/),
    undefined,
  ],
  [{}, '.type', expect.stringContaining('"dense"'), undefined],
])('%j: the fault is that of the kind of layer it names', (layer, path, message, hint) => {
  const found = issues(layer);
  expect(found).toEqual([{ path: `network.layers[0]${path}`, message, ...(hint && { hint }) }]);
});
