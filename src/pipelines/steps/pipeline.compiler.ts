import { z } from 'zod';
import { families, stepOf, type FamilyInfo, type StepRequest } from '../../engine';
import { didYouMean, isLargerThan, PraxisError, type Fault } from '../../kernel';
import { issuesOf } from './schema-issues';
import { clashIssues, historyIssues, placeIssues } from './step-columns';
import { toStepFault } from './step-fault';
import { graphIssues, type Step, type StepEdge } from './step-graph';
import { parameterSchemaOf, trainsModel, type Estimator } from './step-kind';
import { shown } from '../../formats';

/** Everything a pipeline says about a training. */
export type CompiledPipeline = StepRequest;

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
    const definition = stepOf(step.kind);
    const result = definition.parameters.safeParse(step.parameters ?? {});
    if (!result.success) {
      issues.push(...issuesOf(result.error, path, parameterSchemaOf(definition)));
      return step;
    }
    if (trainsModel(step)) issues.push(...familyIssues(result.data as Estimator, path));
    return { ...step, parameters: result.data as Record<string, unknown> };
  });
  if (issues.length > 0) throw PraxisError.invalid(issues);
  const clashes = [
    ...placeIssues(checked, edges),
    ...historyIssues(checked, edges),
    ...clashIssues(checked, edges),
  ].map((issue) => ({
    ...issue,
    path: toStepFault(checked, { ...issue, hint: '' }).path,
  }));
  if (clashes.length > 0) throw PraxisError.invalid(clashes);
  return checked;
}

function familyIssues({ family: name, parameters }: Estimator, path: string): Fault[] {
  const family = families().find((known) => known.name === name);
  if (family) return parameterIssues(family, parameters, `${path}.parameters`);
  const hint = didYouMean(
    name,
    families().map((known) => known.name),
  );
  return [{ path: `${path}.family`, message: `no family is named ${shown(name)}`, hint }];
}

function parameterIssues(family: FamilyInfo, parameters: Record<string, unknown>, path: string): Fault[] {
  const result = z.fromJSONSchema(family.parameterSchema as never).safeParse(parameters);
  return result.success ? [] : issuesOf(result.error, path, family.parameterSchema);
}
