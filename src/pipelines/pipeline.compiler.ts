import { z } from 'zod';
import { families, type FamilyInfo, type TrainRequest } from '../engine';
import { didYouMean, isLargerThan, PraxisError, type Fault } from '../kernel';
import { issuesOf } from './schema-issues';
import { graphIssues, type Step, type StepEdge } from './step-graph';
import { STEP_DEFAULTS, STEP_KINDS, STEP_PARAMETERS, StepKind, type StepParameters } from './step-kind';
import { shown } from '../formats';

/** Everything a pipeline says about a training; the run adds table, seed and where to resume. */
export type CompiledPipeline = Omit<TrainRequest, 'table' | 'seed' | 'resume'>;

/** Of one step, names not counted. Checking each takes longer than reading it. */
const PARAMETER_VALUES_MAX = 10_000;

/** The steps with every default filled in, so that a stored version never changes. Throws VALIDATION_FAILED. */
export function checkPipeline(steps: Step[], edges: StepEdge[]): Step[] {
  const issues = graphIssues(steps, edges);
  const checked = steps.map((step, i) => {
    const path = `steps[${i}].parameters`;
    if (isLargerThan(PARAMETER_VALUES_MAX, step.parameters)) {
      throw PraxisError.invalid([{ path, message: `hold more than ${PARAMETER_VALUES_MAX} values` }]);
    }
    const result = STEP_PARAMETERS[step.kind].safeParse(step.parameters ?? {});
    if (result.success) {
      const parameters = result.data as StepParameters[StepKind];
      if (step.kind === StepKind.TRAIN) issues.push(...familyIssues(parameters as StepParameters['TRAIN'], path));
      return { ...step, parameters: parameters as Record<string, unknown> };
    }
    const { parameterSchema } = STEP_KINDS.find(({ kind }) => kind === step.kind)!;
    issues.push(...issuesOf(result.error, path, parameterSchema));
    return step;
  });
  if (issues.length > 0) throw PraxisError.invalid(issues);
  return checked;
}

export function compilePipeline(steps: Step[]): CompiledPipeline {
  const { target, targets, drop, task, positiveClass } = parametersOf(steps, StepKind.SELECT_COLUMNS)!;
  const impute = parametersOf(steps, StepKind.IMPUTE) ?? STEP_DEFAULTS.IMPUTE;
  const scale = parametersOf(steps, StepKind.SCALE);
  const encode = parametersOf(steps, StepKind.ENCODE) ?? STEP_DEFAULTS.ENCODE;
  const estimator = parametersOf(steps, StepKind.TRAIN) ?? STEP_DEFAULTS.TRAIN;
  return {
    target: targets ?? target ?? [],
    drop,
    task,
    ...(positiveClass !== undefined && { positiveClass }),
    split: parametersOf(steps, StepKind.SPLIT) ?? STEP_DEFAULTS.SPLIT,
    preprocess: {
      impute: impute.method,
      missingIndicator: impute.missingIndicator,
      scale: scale?.method ?? defaultScale(estimator.family),
      ...encode,
    },
    estimator,
  };
}

/** What a family reads where no step says how to scale. */
const defaultScale = (name: string) =>
  families.find((family) => family.name === name)?.scale ?? STEP_DEFAULTS.SCALE.method;

/** The parameters of the step of this kind; they were checked when the version was stored. */
function parametersOf<K extends StepKind>(steps: Step[], kind: K): StepParameters[K] | undefined {
  return steps.find((step) => step.kind === kind)?.parameters as StepParameters[K] | undefined;
}

function familyIssues({ family: name, parameters }: StepParameters['TRAIN'], path: string): Fault[] {
  const family = families.find((known) => known.name === name);
  if (family) return parameterIssues(family, parameters, `${path}.parameters`);
  const hint = didYouMean(
    name,
    families.map((known) => known.name),
  );
  return [{ path: `${path}.family`, message: `no family is named ${shown(name)}`, hint }];
}

function parameterIssues(family: FamilyInfo, parameters: Record<string, unknown>, path: string): Fault[] {
  const result = z.fromJSONSchema(family.parameterSchema as never).safeParse(parameters);
  return result.success ? [] : issuesOf(result.error, path, family.parameterSchema);
}
