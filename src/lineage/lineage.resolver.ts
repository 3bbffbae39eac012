import { Max, Min } from 'class-validator';
import { Args, ArgsType, Ctx, Field, ID, Int, Query, Resolver } from 'type-graphql';
import { type GraphContext, oneNamed, tenantOf } from '../kernel';
import { Lineage, LineageDirection } from './lineage.entity';
import { LINEAGE_NODES_MAX, type LineageService } from './lineage.service';

@ArgsType()
class LineageArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Global id of any object. Needed. NOT_FOUND when this tenant has none with it.',
  })
  nodeId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Deprecated: use `nodeId`.' })
  of?: string | null;

  @Field(() => LineageDirection, {
    defaultValue: LineageDirection.BOTH,
    description: 'Which way to follow. Default both.',
  })
  direction!: LineageDirection;

  @Field(() => Int, { defaultValue: 6, description: 'How many edges away, 1 to 10. Default 6.' })
  @Min(1)
  @Max(10)
  depth!: number;
}

@Resolver()
export class LineageResolver {
  constructor(private readonly lineages: LineageService) {}

  @Query(() => Lineage, {
    description: `From a case or dataset to a prediction and back, at most ${LINEAGE_NODES_MAX} nodes.`,
  })
  async lineage(@Ctx() context: GraphContext, @Args() { nodeId, of, direction, depth }: LineageArgs): Promise<Lineage> {
    return this.lineages.lineage(tenantOf(context), oneNamed({ nodeId, of }), direction, depth);
  }
}
