import { registerEnumType } from 'type-graphql';
import { z } from 'zod';
import type { Fault } from '../../kernel';
import {
  findStep,
  stepDefinitions,
  StepKind,
  stepOf,
  type PipelineStep,
  type StepDefinition,
  type StepRequest,
} from '../../engine';

export { StepKind };

const OF_NO_MODULE =
  'Of a stored step whose module is not loaded on this server: `kindName` names it. It is not run, and refused as input.';

registerEnumType(StepKind, {
  name: 'StepKind',
  description: 'What a pipeline step does. Its parameters are described by `stepKinds`.',
  // Asked when the schema is built: a kind that was registered by then is part of it.
  valuesConfig: new Proxy({}, { get: (_, kind: string) => ({ description: findStep(kind)?.summary ?? OF_NO_MODULE }) }),
});

export const KIND_NAME_DESCRIPTION =
  'Name of the kind as it is stored; other than `kind` where the module that brings it is not loaded.';

/** A kind as the API has it. */
export const kindOf = (name: string): StepKind => (findStep(name) ? name : StepKind.UNKNOWN);

/** Of steps whose kinds are not known here. */
export const kindFaults = (steps: readonly PipelineStep[]): Fault[] =>
  steps.flatMap(({ kind }, i) =>
    findStep(kind)
      ? []
      : [
          {
            path: `steps[${i}].kind`,
            message: `the kind ${kind} is not known on this server`,
            hint: 'take one of `stepKinds`, or ask the operator to load the module that brings it (PRAXIS_EXTENSIONS)',
          },
        ],
  );

export interface StepKindInfo {
  kind: StepKind;
  title: string;
  description: string;
  parameterSchema: Record<string, unknown>;
}

export const stepKinds = (): StepKindInfo[] =>
  stepDefinitions().map((step) => {
    const { kind, title, description } = step;
    return { kind, title, description, parameterSchema: parameterSchemaOf(step) };
  });

export const parameterSchemaOf = ({ parameters }: StepDefinition): Record<string, unknown> =>
  z.toJSONSchema(parameters, { io: 'input' }) as Record<string, unknown>;

export type Estimator = StepRequest['estimator'];

/** What a step with such parameters learns with; null: it does not learn. */
export const estimatorOf = ({ kind, parameters }: PipelineStep): Estimator | null =>
  stepOf(kind).says?.(parameters).estimator ?? null;
