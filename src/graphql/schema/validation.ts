import { validateSync } from 'class-validator';
import { PraxisError } from '../../kernel';
import { faultsOf } from '../errors';

/** As type-graphql does it: what an input leaves out is not checked, and a class without decorators is no fault. */
const OPTIONS = { skipMissingProperties: true, forbidUnknownValues: false } as const;

/**
 * Checks an argument against the class-validator decorators of its class. type-graphql's own check resolves the
 * library anew for every request, which took a twentieth of a small operation. Decorators that answer with a
 * promise are not supported.
 * @throws PraxisError VALIDATION_FAILED with the path of every fault
 */
export function validateArgument(value: unknown): void {
  const inputs = Array.isArray(value) ? value : [value];
  const faults = inputs.flatMap((input, i) => {
    if (typeof input !== 'object' || input === null) return [];
    return [...faultsOf(validateSync(input, OPTIONS), Array.isArray(value) ? `[${i}]` : '')];
  });
  if (faults.length > 0) throw PraxisError.invalid(faults);
}
