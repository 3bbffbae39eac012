import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, ObjectType } from 'type-graphql';

@ObjectType({ description: 'One column of the data of a case.' })
export class CaseColumn {
  @Field({ description: 'Name of the column in the dataset.' })
  name!: string;
  @Field({ description: 'Unit of measurement, the levels of a text column, or "-" when it has none.' })
  unit!: string;
  @Field({ description: 'What it measures and how it comes about.' })
  description!: string;
}

@ObjectType({ description: 'The data of a case: where it comes from, what it holds, what it cannot tell.' })
export class CaseData {
  @Field({ description: 'How the data comes about, with its sources.' })
  origin!: string;
  @Field(() => [CaseColumn], { description: 'Columns in the order of the dataset.' })
  columns!: CaseColumn[];
  @Field(() => [String], { description: 'What must not be concluded from it.' })
  limits!: string[];
}

@ObjectType({ description: 'A technique that was considered and not taken.' })
export class CaseAlternative {
  @Field({ description: 'The technique.' })
  technique!: string;
  @Field({ description: 'Why it was not taken, and when it would be.' })
  reason!: string;
}

@ObjectType({ description: 'Which technique was chosen, and why.' })
export class CaseTechnique {
  @Field({ description: 'What is used.' })
  choice!: string;
  @Field(() => [String], { description: 'Why, most important first.' })
  reasons!: string[];
  @Field(() => [CaseAlternative], { description: 'What was considered and not taken.' })
  alternatives!: CaseAlternative[];
}

@ObjectType({ description: 'One step of putting the case into practice.' })
export class CaseImplementationStep {
  @Field({ description: 'The step in a few words.' })
  title!: string;
  @Field({ description: 'What is done, and what to look at before going on.' })
  text!: string;
}

@ObjectType({ description: 'How the model is run once it is deployed.' })
export class CaseOperations {
  @Field({ description: 'What is watched, and when someone is called.' })
  monitoring!: string;
  @Field({ description: 'When the model is trained again, and on what.' })
  retraining!: string;
  @Field({ description: 'How the decision threshold is set.' })
  threshold!: string;
  @Field({ description: 'What a missed case and a false alarm cost.' })
  errorCosts!: string;
}

@ObjectType({ description: 'A source.' })
export class CaseReference {
  @Field({ description: 'Authors, title, place, year.' })
  citation!: string;
  @Field({ description: 'Where to read it.' })
  url!: string;
}

@ObjectType({ description: 'A metric that a run of the case must reach on the held-out rows.' })
export class CaseExpectation {
  @Field({ description: 'Name of the metric as in the evaluation of a run.' })
  metric!: string;
  @Field(() => Float, { description: 'Expected value.' })
  expected!: number;
  @Field(() => Float, { description: 'Met when the value differs from the expected one by no more than this.' })
  tolerance!: number;
}

@ObjectType({ description: 'A model that a run trains beside that of the case, to compare.' })
export class CaseComparison {
  @Field({ description: 'Its name, as in `CaseCheck.comparison`.' })
  name!: string;
  @Field(() => GraphQLJSONObject, {
    description: 'Parameters of its step TRAIN; the other steps are those of the case.',
  })
  train!: Record<string, unknown>;
  @Field(() => [CaseExpectation], { description: 'What it must reach on the held-out rows.' })
  expected!: CaseExpectation[];
}

@ObjectType({ description: 'Why a metric is expected where it is.' })
export class CaseMetricReason {
  @Field({ description: 'Name of the metric.' })
  metric!: string;
  @Field({ description: 'Where the expectation and its tolerance come from.' })
  reason!: string;
}

@ObjectType({ description: 'The document of a case in one language.' })
export class CaseDocument {
  @Field({ description: 'Title.' })
  title!: string;
  @Field({ description: 'The case in two or three sentences.' })
  summary!: string;
  @Field(() => [String], { description: 'The problem in its industry, in paragraphs.' })
  background!: string[];
  @Field(() => CaseData, { description: 'The data.' })
  data!: CaseData;
  @Field(() => CaseTechnique, { description: 'Technique selection with reasons.' })
  technique!: CaseTechnique;
  @Field(() => [CaseImplementationStep], { description: 'Implementation, step by step.' })
  steps!: CaseImplementationStep[];
  @Field(() => CaseOperations, { description: 'Operations.' })
  operations!: CaseOperations;
  @Field(() => [String], { description: 'What the people who use it see and do.' })
  userExperience!: string[];
  @Field(() => [String], { description: 'What decides whether it succeeds.' })
  successFactors!: string[];
  @Field(() => [CaseMetricReason], { description: 'Why each expected metric is what it is.' })
  metricReasons!: CaseMetricReason[];
  @Field(() => [CaseReference], { description: 'Sources.' })
  references!: CaseReference[];
}
