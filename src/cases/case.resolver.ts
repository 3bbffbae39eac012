import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { parseGlobalId, tenantOf, type GraphContext, type Page } from '../kernel';
import { CaseDocument, Language } from './case-document';
import { Case, CaseConnection } from './case.entity';
import { CasesArgs } from './case.input';
import type { CaseService } from './case.service';

/** Slug or uuid in what a client wrote. */
export function slugOrUuid(written: string): string {
  const parsed = parseGlobalId(written);
  return parsed?.kind === 'Case' ? parsed.uuid : written;
}

@Resolver(() => Case)
export class CaseResolver {
  constructor(private readonly service: CaseService) {}

  @Query(() => Case, { description: 'One case of the library. NOT_FOUND when there is none.' })
  case(
    @Arg('id', () => ID, { description: 'Slug, such as `predictive-maintenance`, or global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Case> {
    return this.service.get(tenantOf(context), slugOrUuid(id));
  }

  @Query(() => CaseConnection, { description: 'The case library, newest first.' })
  cases(@Args(() => CasesArgs) args: CasesArgs, @Ctx() context: GraphContext): Promise<Page<Case>> {
    return this.service.list(tenantOf(context), args);
  }

  @FieldResolver(() => CaseDocument, { description: 'The document.' })
  document(
    @Root() { documents }: Case,
    @Arg('language', () => Language, { defaultValue: Language.EN, description: 'Default English.' }) language: Language,
  ): CaseDocument {
    return documents[language === Language.ZH ? 'zh' : 'en'];
  }
}
