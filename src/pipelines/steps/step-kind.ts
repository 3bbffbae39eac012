import { registerEnumType } from 'type-graphql';
import { z } from 'zod';
import {
  stepDefinitions,
  StepKind,
  stepOf,
  type PipelineStep,
  type StepDefinition,
  type StepRequest,
} from '../../engine';

export { StepKind };

registerEnumType(StepKind, {
  name: 'StepKind',
  description: 'What a pipeline step does. Its parameters are described by `stepKinds`.',
  // Asked when the schema is built: a kind that was registered by then is part of it.
  valuesConfig: new Proxy({}, { get: (_, kind: string) => ({ description: stepOf(kind).summary }) }),
});

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
