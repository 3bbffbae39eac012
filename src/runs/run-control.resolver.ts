import { IsOptional, Max, ValidateIf } from 'class-validator';
import { Arg, Ctx, Field, Float, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { IsName, PraxisError, tenantOf, uuidOf, type GraphContext } from '../kernel';
import type { RunControl } from './run.control';
import { Run } from './run.entity';
import { checkedTags, NAME_LENGTH_MAX, NAME_RULE, TAGS_RULE } from './run.label';

const RUN_ID = 'The run. NOT_FOUND when this tenant has none with this id; CONFLICT when it has ended.';
const LEARNING_RATE_MAX = 10;

@InputType({ description: 'Which run to pause.' })
export class PauseRunInput {
  @Field(() => ID, { description: RUN_ID })
  runId!: string;
}

@ObjectType({ description: 'The run after the request.' })
export class PauseRunPayload {
  @Field(() => Run, { description: 'PAUSED at once when it waited; a run that trains follows within a second or so.' })
  run!: Run;
}

@InputType({ description: 'Which run to let go on.' })
export class ResumeRunInput {
  @Field(() => ID, { description: RUN_ID })
  runId!: string;
}

@ObjectType({ description: 'The run after the request.' })
export class ResumeRunPayload {
  @Field(() => Run, { description: 'QUEUED when it was paused; otherwise in the state it had.' })
  run!: Run;
}

@InputType({ description: 'What to change of a run: any of the three, one at least.' })
export class UpdateRunInput {
  @Field(() => ID, { description: 'The run. NOT_FOUND when this tenant has none with this id.' })
  runId!: string;

  @Field(() => Float, {
    nullable: true,
    description:
      `Learning rate before the schedule scales it, above 0 and at most ${LEARNING_RATE_MAX}, in place of the family's ` +
      'parameter; of every candidate that still trains. It holds from the next chunk of steps on. CONFLICT when the run has ended.',
  })
  @IsOptional()
  @Max(LEARNING_RATE_MAX)
  learningRate?: number | null;

  @Field(() => String, { nullable: true, description: `Name, ${NAME_RULE} The empty text takes it away.` })
  @ValidateIf(({ name }: UpdateRunInput) => Boolean(name))
  @IsName(NAME_LENGTH_MAX)
  name?: string | null;

  @Field(() => [String], { nullable: true, description: `All its tags. ${TAGS_RULE} An empty list takes them away.` })
  tags?: string[] | null;
}

@ObjectType({ description: 'The run after the request.' })
export class UpdateRunPayload {
  @Field(() => Run, { description: 'The run; a log line among its events says when the change took hold.' })
  run!: Run;
}

@Resolver()
export class RunControlResolver {
  constructor(private readonly control: RunControl) {}

  @Mutation(() => PauseRunPayload, {
    description: 'Pauses a run; its worker becomes free. Going on, it ends with the numbers of a run never paused.',
  })
  async pauseRun(
    @Arg('input', { description: 'Which run.' }) { runId }: PauseRunInput,
    @Ctx() context: GraphContext,
  ): Promise<PauseRunPayload> {
    return { run: await this.control.pause(tenantOf(context), uuidOf('Run', runId)) };
  }

  @Mutation(() => ResumeRunPayload, {
    description: 'Lets a paused run go on; a run that is not paused stays as it is.',
  })
  async resumeRun(
    @Arg('input', { description: 'Which run.' }) { runId }: ResumeRunInput,
    @Ctx() context: GraphContext,
  ): Promise<ResumeRunPayload> {
    return { run: await this.control.resume(tenantOf(context), uuidOf('Run', runId)) };
  }

  @Mutation(() => UpdateRunPayload, {
    description:
      'Changes the name and tags of a run, and the learning rate of one that has not ended: the same seed then no longer ' +
      'gives the same model.',
  })
  async updateRun(
    @Arg('input', { description: 'What to change.' }) { runId, learningRate, name, tags }: UpdateRunInput,
    @Ctx() context: GraphContext,
  ): Promise<UpdateRunPayload> {
    // Null takes a name or tags away, as an empty one does.
    if (name === undefined && tags === undefined && (learningRate === null || learningRate === undefined)) {
      const issue = { path: 'learningRate', message: 'is missing', hint: 'give learningRate, name or tags' };
      throw PraxisError.invalid([issue]);
    }
    if (learningRate !== null && learningRate !== undefined && !(learningRate > 0)) {
      const issue = { path: 'learningRate', message: 'must be above 0', hint: 'give a number such as 0.001' };
      throw PraxisError.invalid([issue]);
    }
    const changes = {
      learningRate,
      ...(name !== undefined && { name: name ?? '' }),
      ...(tags !== undefined && { tags: checkedTags(tags ?? []) }),
    };
    return { run: await this.control.update(tenantOf(context), uuidOf('Run', runId), changes) };
  }
}
