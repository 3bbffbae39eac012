import { IsOptional, Length, Max, Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { RunCost } from '../runs';
import { CaseRun } from './runs/case-run.entity';
import { Industry } from './case.entity';
import { caseList, caseRunList } from './case.list';

export const SEED_MAX = 2 ** 31 - 1;

@ArgsType()
export class CasesArgs extends caseList.Args {
  @Field(() => Industry, {
    nullable: true,
    description: 'Deprecated: use `filter.industries`. Only cases of this industry.',
  })
  @IsOptional()
  industry?: Industry | null;
}

@ArgsType()
export class CaseRunsArgs extends caseRunList.Args {
  @Field(() => ID, {
    nullable: true,
    description: 'Deprecated: use `filter.caseId`. Only runs of this case: its slug or global id.',
  })
  @IsOptional()
  @Length(1, 200)
  caseId?: string | null;
}

@ArgsType()
export class CaseRunEventsArgs {
  @Field(() => ID, { description: 'Global id of the case run.' })
  caseRunId!: string;

  @Field(() => GraphQLSafeInt, {
    defaultValue: 0,
    description: 'Sequence of the last event already seen; 0 for all.',
  })
  @Min(0)
  after!: number;
}

@InputType({ description: 'Which case to run.' })
export class RunCaseInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Slug of the case; its global id is taken too. Give this or `caseId`. NOT_FOUND when the library has none.',
  })
  @IsOptional()
  @Length(1, 200)
  slug?: string | null;

  @Field(() => ID, { nullable: true, description: 'Global id of the case. Give this or `slug`.' })
  @IsOptional()
  @Length(1, 200)
  caseId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `Seed of data and training, 0 to ${SEED_MAX}; default the case's own. Another seed is another sample: the expected metrics still apply.`,
  })
  @IsOptional()
  @Min(0)
  @Max(SEED_MAX)
  seed?: number | null;

  @Field(() => String, {
    nullable: true,
    description: '1 to 200 characters; makes a retry answer with the case run of the first call.',
  })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The case run that was started.' })
export class RunCasePayload {
  @Field(() => CaseRun, {
    description: 'It goes on by itself. Its `run` is null until the data is ingested; `caseRunEvents` tells when.',
  })
  caseRun!: CaseRun;

  @Field(() => RunCost, { description: 'What it is expected to cost.' })
  cost!: RunCost;
}
