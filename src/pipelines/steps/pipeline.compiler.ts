import { requestOf, stepOf, type StepRequest } from '../../engine';
import { isLargerThan, placeOfNul, PraxisError, type Fault } from '../../kernel';
import { familyIssues, taskIssues } from './family-check';
import { issuesOf } from './schema-issues';
import { clashIssues, historyIssues, placeIssues } from './step-columns';
import { toStepFault } from './step-fault';
import { graphIssues, type Step, type StepEdge } from './step-graph';
import { estimatorOf, kindFaults, parameterSchemaOf } from './step-kind';

/** Everything a pipeline says about a training. */
export type CompiledPipeline = StepRequest;

/** Of one step, names not counted. Checking each takes longer than reading it. */
const PARAMETER_VALUES_MAX = 10_000;

/** The steps with every default filled in, so that a stored version never changes. Throws VALIDATION_FAILED. */
export function checkPipeline(steps: Step[], edges: StepEdge[]): Step[] {
  refuseUnknownKinds(steps);
  const issues = graphIssues(steps, edges);
  const checked = steps.map((step, i) => {
    const path = `steps[${i}].parameters`;
    if (isLargerThan(PARAMETER_VALUES_MAX, step.parameters)) {
      throw PraxisError.invalid([{ path, message: `hold more than ${PARAMETER_VALUES_MAX} values` }]);
    }
    const nul = placeOfNul(step.parameters, path);
    if (nul !== null) {
      issues.push({ path: nul, message: 'holds a NUL character (U+0000), which is no text', hint: 'take it out' });
      return step;
    }
    const definition = stepOf(step.kind);
    const result = definition.parameters.safeParse(step.parameters ?? {});
    if (!result.success) {
      issues.push(...issuesOf(result.error, path, parameterSchemaOf(definition)));
      return step;
    }
    const filled = { ...step, parameters: result.data as Record<string, unknown> };
    const estimator = estimatorOf(filled);
    if (estimator) issues.push(...inSteps(steps, familyIssues(estimator)));
    return filled;
  });
  if (issues.length > 0) throw PraxisError.invalid(issues);
  const together = [
    ...taskIssues(requestOf(checked, edges)),
    ...placeIssues(checked, edges),
    ...historyIssues(checked, edges),
    ...clashIssues(checked, edges),
  ];
  if (together.length > 0) throw PraxisError.invalid(inSteps(checked, together));
  return checked;
}

/** Throws VALIDATION_FAILED. A module that brings a kind may be gone since the steps were stored. */
export function refuseUnknownKinds(steps: Step[]): void {
  const faults = kindFaults(steps);
  if (faults.length > 0) throw PraxisError.invalid(faults);
}

const inSteps = (steps: Step[], faults: Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, ...toStepFault(steps, { path: fault.path, hint: fault.hint }) }));
