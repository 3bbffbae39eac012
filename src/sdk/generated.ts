/* eslint-disable */
// Made by `npm run golden` from schema/schema.graphql and src/sdk/operations.graphql. Do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Which run to end. */
export type CancelRunInput = {
  /** The run. NOT_FOUND when this tenant has none with this id. */
  runId: string;
};

/** The stages of a case run, in order. */
export type CaseRunStage =
  /** Data is generated and ingested. */
  | 'DATA'
  /** The case run has ended; read it for the result. */
  | 'FINISHED'
  /** The model answers, under the name that the message tells; the sample rows are predicted. */
  | 'PREDICTING'
  /** A run trains and evaluates; follow it with `runEvents`. */
  | 'TRAINING';

/** Where a case run stands. */
export type CaseRunState =
  /** Stopped on the way; see `error`. */
  | 'FAILED'
  /** Under way; see the events for the stage. */
  | 'RUNNING'
  /** Ran to the end. `met` says whether the expected metrics were reached. */
  | 'SUCCEEDED';

/** A guess at what a column is for. */
export type ColumnRole =
  /** One value only. */
  | 'CONSTANT'
  /** No value at all. */
  | 'EMPTY'
  /** Describes the row. */
  | 'FEATURE'
  /** Sentences. */
  | 'FREE_TEXT'
  /** Names the row. */
  | 'IDENTIFIER'
  /** Says which rows are for train, test and validation. */
  | 'SPLIT'
  /** Named like something to predict, or the last column. */
  | 'TARGET_CANDIDATE'
  /** When the row happened. */
  | 'TIME';

/** Type of a column, inferred from all its values. */
export type ColumnType =
  /** true and false. */
  | 'BOOLEAN'
  /** Few texts, of which each stands in many rows. */
  | 'CATEGORY'
  /** Days of the calendar, without a time of day. */
  | 'DATE'
  /** How long something takes. */
  | 'DURATION'
  /** Whole numbers up to 2^53. */
  | 'INTEGER'
  /** Numbers of double precision. */
  | 'NUMBER'
  /** Everything else. */
  | 'TEXT'
  /** Times of day, without a day. */
  | 'TIME'
  /** Days with a time of day, UTC where no zone is given. */
  | 'TIMESTAMP';

/** A new dataset. */
export type CreateDatasetInput = {
  /** Types and formats of columns, at most 2000 and one for each name; those of the others are recognised. A name that the file does not have, and a value that does not fit, refuse the file (COLUMN_MISMATCH). It is said of the file that is sent to this address, not of later ones. */
  columns?: Array<UploadColumnInput> | null | undefined;
  /** Format of the file that will be sent. */
  format: DatasetFormat;
  /** 1 to 200 characters. A retry with the same key and input answers with the same objects; CONFLICT with another input. */
  idempotencyKey?: string | null | undefined;
  /** Name for people, 1 to 200 characters; need not be unique. */
  name: string;
};

/** A new pipeline. */
export type CreatePipelineInput = {
  /** The order of the steps, without cycles, at most 200; left out, they follow one another by kind, in the order of `stepKinds`. Two steps that change one column need a path of edges between them. */
  edges?: Array<StepEdgeInput>;
  /** Makes a retry answer with the pipeline of the first call, 1 to 200 characters. */
  idempotencyKey?: string | null | undefined;
  /** Name of the pipeline, 1 to 200 characters. */
  name: string;
  /** 1 to 50 steps; SELECT_COLUMNS is needed, kinds left out take their defaults. */
  steps: Array<PipelineStepInput>;
};

/** Format of the files of a dataset. CSV and JSONL may be packed with gzip. */
export type DatasetFormat =
  /** Text in UTF-8 with a header row; comma, semicolon, tab or bar between fields. */
  | 'CSV'
  /** One flat JSON object per line, UTF-8. */
  | 'JSONL'
  /** Apache Parquet with flat columns. */
  | 'PARQUET';

/** What to deploy, under which name. */
export type DeployModelInput = {
  /** 1 to 200 characters. A retry with the same key and input answers the same deployment and changes nothing. */
  idempotencyKey?: string | null | undefined;
  /** What to do with input that the model has not seen in training. Default NOTE for a new deployment, unchanged for a live one. */
  inputPolicy?: UnusualInputPolicy | null | undefined;
  /** The model version that will answer. */
  modelVersionId: string;
  /** Slug such as `machine-failure`: 1 to 63 lower-case letters, digits and hyphens. The name of a live deployment moves it to this version. */
  name: string;
  /**
   * The former name of `inputPolicy`.
   * @deprecated Use `inputPolicy`.
   */
  onUnusualInput?: UnusualInputPolicy | null | undefined;
  /** Which of the `variants` of the model version answers; VALIDATION_FAILED when it has none in this precision. */
  precision?: Precision;
  /** Share of predictions to record, 0 to 1. Default 1 for a new deployment, unchanged for a live one. */
  recordFraction?: number | null | undefined;
};

/** Whether a deployment answers. */
export type DeploymentState =
  /** Answers `predict`. */
  | 'READY'
  /** Answers no more; its name is free, its predictions stay readable. */
  | 'RETIRED';

/** An entity with its history, of which the last row is predicted. */
export type EntityInput = {
  /** Names the entity, as the key column of the training does: recorded with the prediction, unknown to the model. Each entity of a request has another. */
  key: string;
  /** Its rows, at least one, in any order: the one that is last by the order column is predicted, of several at one time the one that is given last. Each is an object as in `rows`, of the inputs that `history` of the model card lists. Values that the model makes of earlier rows are missing where no earlier row is sent. */
  rows: Array<Record<string, unknown>>;
};

/** What is to compute the training steps. */
export type ExecutionProviderChoice =
  /** CUDA, WEBGPU or CPU, the first that the worker has, with a free slot and enough memory, and that pays for a network of this size. Does not wait. */
  | 'AUTO'
  /** The cores of the machine. */
  | 'CPU'
  /** An NVIDIA GPU; the run waits for a slot of it. */
  | 'CUDA'
  /** A GPU through WebGPU; the run waits for a slot of it. */
  | 'WEBGPU';

/** What runs the training steps. */
export type Executor =
  /** ONNX Runtime over the recorded steps; the fastest. */
  | 'ONNX'
  /** Plain JavaScript on one core: what families with a learner of their own compute in. For the others it is there to check by, and very slow. */
  | 'REFERENCE'
  /** TensorFlow step by step, where the worker has it installed, on all its cores or its GPU. */
  | 'TENSORFLOW';

/** What to train on. There is no substitute for what you name: where the worker does not have it, or the GPU has too little free memory, the run FAILS with VALIDATION_FAILED and says what is missing. */
export type ExecutorInput = {
  /** What runs the steps. */
  executor?: Executor;
  /** What computes the steps of ONNX; the other executors take AUTO alone. */
  provider?: ExecutionProviderChoice;
};

/** How the answers of `predict` are to be explained. */
export type ExplainInput = {
  /** The class that every row is explained for, such as that of a refusal; one of the labels of the card, or of each target. Left out: the class that is answered. Not for numbers. */
  label?: string | null | undefined;
  /** What a column is taken to hold while it counts as unknown. */
  method?: ExplanationMethod;
};

/** What a column is taken to hold while it counts as unknown. Either way the contributions of a row are Shapley values: exact, and together with the base the score. */
export type ExplanationMethod =
  /** What 100 rows of the training hold, whatever the other columns say. A column that no tree splits by adds nothing. */
  | 'INTERVENTIONAL'
  /** What the training rows hold that came the same way through the tree. Columns that go together share what they add. The quicker one. */
  | 'PATH_DEPENDENT';

/** What was found in a file or a column. */
export type FindingCode =
  /** The column holds no value. */
  | 'ALL_MISSING'
  /** The file is not text (an image, an archive, a spreadsheet …). */
  | 'BINARY_FILE'
  /** More than 100,000 blank lines between the rows. */
  | 'BLANK_LINES'
  /** A column is not as `columns` says: it is not there, or a value does not fit its type. */
  | 'COLUMN_MISMATCH'
  /** Numbers are written with a comma: how they were read, or why they are kept as text. */
  | 'COMMA_NUMBERS'
  /** The column has one value only. */
  | 'CONSTANT'
  /** Another separator stands in nearly every field, or in every row of the only column. */
  | 'DELIMITER_DOUBT'
  /** Decimal numbers with more digits than a number holds; they are rounded. */
  | 'DIGITS_LOST'
  /** Values such as "?" or -999 stand for missing values. */
  | 'DISGUISED_MISSING'
  /** Two columns, or two keys of a JSON object, have the same name. */
  | 'DUPLICATE_HEADER'
  /** Rows that repeat an earlier row in every column. */
  | 'DUPLICATE_ROWS'
  /** The file has no content. */
  | 'EMPTY_FILE'
  /** A column with values has no name. */
  | 'EMPTY_HEADER'
  /** The text was UTF-16 and has been converted to UTF-8. */
  | 'ENCODING_CONVERTED'
  /** A large share of an otherwise continuous column is zero. */
  | 'EXCESS_ZEROS'
  /** The content is of another format than the data set. */
  | 'FORMAT_MISMATCH'
  /** Texts that were written in one encoding and read in another, such as FranÃ§ois, or that have lost letters (U+FFFD). */
  | 'GARBLED_TEXT'
  /** Something else stands above the header, such as a title or comments. */
  | 'HEADER_MISPLACED'
  /** Column names are numbers, dates or values of their columns: the first row may be data. */
  | 'HEADER_NUMERIC'
  /** Blanks around a column name were removed. */
  | 'HEADER_TRIMMED'
  /** A text column with very many different values. */
  | 'HIGH_CARDINALITY'
  /** Every row has its own value: a name of the row, not a property. */
  | 'IDENTIFIER'
  /** Infinite numbers, and times that are infinite or beyond the years -271821 to 275760; they are treated as missing. */
  | 'INFINITE_VALUE'
  /** The server could not finish; the file itself may be good. */
  | 'INGESTION_FAILED'
  /** A line is not a JSON object. */
  | 'INVALID_JSON'
  /** Whole numbers beyond 2^53 lose digits as numbers, so the column is text. */
  | 'LARGE_INTEGER'
  /** Numbers with leading zeros are codes, so the column is text. */
  | 'LEADING_ZEROS'
  /** A row is longer than 2,000,000 bytes. */
  | 'LONG_RECORD'
  /** Text follows a closing quote. */
  | 'MALFORMED_QUOTE'
  /** The column has missing values. */
  | 'MISSING_VALUES'
  /** Some values are not of the type of the others: a few are missing, or the column is text. */
  | 'MIXED_TYPES'
  /** A value is a list or an object; a data set holds plain values. */
  | 'NESTED_VALUE'
  /** Text that is no table: an HTML page, a Git LFS pointer, a form, columns of fixed width and others. */
  | 'NOT_A_TABLE'
  /** The file has a header but no row of data. */
  | 'NO_ROWS'
  /** Numbers are written with a currency, a unit or signs between thousands: how they were read, or why they are kept as text. */
  | 'NUMBER_FORMAT'
  /** Values further than three interquartile ranges from the quartiles. */
  | 'OUTLIERS'
  /** Rows have more or fewer fields than the header. */
  | 'RAGGED_ROW'
  /** Rows repeat the names of the columns, as where files with headers were joined. */
  | 'REPEATED_HEADER'
  /** Texts that differ in case, blanks, unseen characters or letters of the same shape only, and numbers that are written in several ways. */
  | 'SIMILAR_VALUES'
  /** Something that carries no data was read over: a "sep=" line, a byte order mark inside the file, Ctrl-Z or blanks at its end. */
  | 'SKIPPED'
  /** The server has no space for the file at the moment; it is tried again. */
  | 'STORAGE_FULL'
  /** Rows without any value, a line drawn below the header, and a last row that looks like a total or a note below the table. */
  | 'STRAY_ROW'
  /** Texts stand in a form that a program has put around them, such as ="00001" of Excel: they are read without it. */
  | 'TEXT_FORMAT'
  /** Texts that could be read as another type are kept as text, as the file says. */
  | 'TEXT_KEPT'
  /** Dates or times that are written in another way than ISO 8601, or with a zone in some rows only: how they were read, or why they are kept as text. */
  | 'TIME_FORMAT'
  /** More bytes or values, once unpacked, than this server accepts, or than it has memory for. */
  | 'TOO_LARGE'
  /** More columns than a data set may have. */
  | 'TOO_MANY_COLUMNS'
  /** The content equals the current version, so no new version was made. */
  | 'UNCHANGED'
  /** The first row below the header looks like units or a second header. */
  | 'UNITS_ROW'
  /** A column without a name and without a value is left out. */
  | 'UNNAMED_COLUMN'
  /** The file cannot be read as what it says it is. */
  | 'UNREADABLE'
  /** A Parquet column of a nested or binary type. */
  | 'UNSUPPORTED_TYPE'
  /** A quoted field never ends. */
  | 'UNTERMINATED_QUOTE'
  /** The text is not UTF-8; row and column name the first wrong byte. */
  | 'WRONG_ENCODING';

/** How serious a finding is. */
export type FindingSeverity =
  /** The file was refused because of it. */
  | 'ERROR'
  /** Good to know. */
  | 'INFO'
  /** Should probably be corrected before training. */
  | 'WARNING';

/** What an ingestion is doing. */
export type IngestPhase =
  /** Reads the whole file: encoding, rows, quotes. */
  | 'CHECKING'
  /** Loads the values. */
  | 'LOADING'
  /** Profiles each column. */
  | 'PROFILING'
  /** Decides the type of each column. */
  | 'TYPING'
  /** Writes the typed table. */
  | 'WRITING';

/** What is unusual about a value, against the rows that the model was trained on. */
export type InputNoteKind =
  /** It is null, an empty text, or was not sent. */
  | 'MISSING'
  /** A number below the smallest or above the largest one in training. */
  | 'OUTSIDE_RANGE'
  /** A text that occurred in training, in fewer rows than the `rareFraction` of the pipeline or not among its `levelsMax` most frequent ones, so that the model takes all of these for one. REFUSE does not refuse it. */
  | 'RARE'
  /** A text or an id that did not occur in training. Of ids, and of texts of model versions that know no `rareLevels`: or too rarely for the model to tell it apart. */
  | 'UNSEEN';

/** Weight of a log line. */
export type LogLevel =
  /** Good to know. */
  | 'INFO'
  /** Something to look at. */
  | 'WARN';

/** What a model reads from a column. */
export type ModelInputType =
  /** Text; null and the empty text count as missing. */
  | 'CATEGORY'
  /** A number; null, NaN and infinity count as missing. */
  | 'NUMBER';

/** What is to be known of a model before it is relied on. */
export type ModelWarningCode =
  /** No test row is of some of its classes. */
  | 'CLASSES_NOT_TESTED'
  /** Numbers of a column differ by less than the 32-bit floats tell apart in which a network computes. */
  | 'DIGITS_LOST'
  /** The test rows do not define some of its scores. */
  | 'METRICS_UNDEFINED'
  /** On the test rows it, or its answer for some of its targets, is no better than the trivial predictor: the interval of the score overlaps that of the `baseline`, or the score is worse. The score is r2 for one number, averageRelativeRmse for several, rocAuc for classes and anomalies, balancedAccuracy for sequences; logLoss or rmse where that one is undefined. */
  | 'NO_BETTER_THAN_BASELINE';

/** One operation of a pipeline. */
export type PipelineStepInput = {
  /** Name of the step inside its pipeline: letters, digits, _ and -, 1 to 64. */
  id: string;
  /** What the step does. SELECT_COLUMNS, SPLIT and the one that learns occur at most once, the others any number of times. */
  kind: StepKind;
  /** Parameters by the JSON Schema of the kind in `stepKinds`; those left out take their defaults. */
  parameters?: Record<string, unknown> | null | undefined;
};

/** How the weights of a model file are stored. */
export type Precision =
  /** In half precision, computed in FLOAT32: about half the file. */
  | 'FLOAT16'
  /** As trained: 32-bit floating point. */
  | 'FLOAT32'
  /** In 8-bit integers with a scale per output channel: about a quarter of the file. Large matrix products are computed in integers, each row scaled by itself; all else in FLOAT32. */
  | 'INT8';

/** Rows to predict, as `rows` or as `columns`; of a model that reads a history as `entities`. */
export type PredictInput = {
  /** Instead of `rows`, and lighter for many: an object from input name to the list of its values, one for each of 1 to 10000 rows. A column that is left out is missing in every row. */
  columns?: Record<string, unknown> | null | undefined;
  /** Name or global id of a live deployment. */
  deployment: string;
  /** For a model whose card has a `history`, which takes nothing else: 1 to 900 entities with at most 10000 rows together, each answered by one prediction. */
  entities?: Array<EntityInput> | null | undefined;
  /** Asks for `explanations` of the predictions: what each column adds to the answer. For models of the families whose `explains` is true (see `families`); VALIDATION_FAILED names them for others. PAYLOAD_TOO_LARGE where rows × trees × leaves × depth², or rows × classes × columns, is too much for one request, with how many rows it takes. */
  explain?: ExplainInput | null | undefined;
  /** 1 to 10000 rows, each an object from input name to value; see the model's card for the inputs. A number input takes a JSON number, a category input text (or a number or boolean, as its text). A field that is null or left out counts as missing, as in training; an unknown field is refused. Of a ranking the column that `rankedWithin` of the card names may be sent as well: it tells which rows are ranked together. */
  rows?: Array<Record<string, unknown>> | null | undefined;
};

/** A file that is kept, to be read again. */
export type ReingestInput = {
  /** Types and formats of columns, at most 2000 and one for each name; those of the others are recognised. A name that the file does not have, and a value that does not fit, refuse the file (COLUMN_MISMATCH). Left out: as it was said with the upload that is named; empty: all are recognised. */
  columns?: Array<UploadColumnInput> | null | undefined;
  /** 1 to 200 characters. A retry with the same key and input answers with the same objects; CONFLICT with another input. */
  idempotencyKey?: string | null | undefined;
  /** The upload that the file came with, or one that has read it again. */
  uploadId: string;
};

/** Which case to run. */
export type RunCaseInput = {
  /** Global id of the case. Give this or `slug`. */
  caseId?: string | null | undefined;
  /** 1 to 200 characters; makes a retry answer with the case run of the first call. */
  idempotencyKey?: string | null | undefined;
  /** Seed of data and training, 0 to 2147483647; default the case's own. Another seed is another sample: the expected metrics still apply. */
  seed?: number | null | undefined;
  /** Slug of the case; its global id is taken too. Give this or `caseId`. NOT_FOUND when the library has none. */
  slug?: string | null | undefined;
};

/** Where a run stands. SUCCEEDED, FAILED and CANCELLED are final. */
export type RunState =
  /** Ended by `cancelRun`. */
  | 'CANCELLED'
  /** Scores the winner on the test part and writes the model. */
  | 'EVALUATING'
  /** Ended with an error that says what to change. */
  | 'FAILED'
  /** Waits for `resumeRun`; no worker holds it. */
  | 'PAUSED'
  /** Waits for a slot of the GPU where one was named; reads the table, splits it and fits the preprocessing. */
  | 'PREPARING'
  /** Waits for a free worker. */
  | 'QUEUED'
  /** Ended with a model version. */
  | 'SUCCEEDED'
  /** Fits the candidates. */
  | 'TRAINING';

/** A part of the rows. */
export type SplitPart =
  /** Rows held out for the evaluation. */
  | 'TEST'
  /** Rows the model is fitted on. */
  | 'TRAIN'
  /** Rows that choose candidate and epoch. */
  | 'VALIDATION';

/** What to train on what. */
export type StartRunInput = {
  /** The dataset version to learn from. */
  datasetVersionId: string;
  /** Left out: ONNX on the provider the server is set to, AUTO unless it is configured. */
  executor?: ExecutorInput | null | undefined;
  /** Makes a retry answer with the run of the first call, 1 to 200 characters. */
  idempotencyKey?: string | null | undefined;
  /** Name of the run, 1 to 200 characters; need not be unique. */
  name?: string | null | undefined;
  /** The pipeline, whose current version is used. Give this or `pipelineVersionId`. */
  pipelineId?: string | null | undefined;
  /** A version of a pipeline. Give this or `pipelineId`. */
  pipelineVersionId?: string | null | undefined;
  /** Seed of split, weights, shuffles and dropout, 0 to 2147483647. Default 1, so that the same input gives the same model. */
  seed?: number;
  /** Tags of the run. At most 20, each of 1 to 50 letters, digits and _ . : / = -, beginning with a letter or digit. */
  tags?: Array<string> | null | undefined;
};

/** States that one step happens before another. */
export type StepEdgeInput = {
  /** Id of the earlier step. */
  from: string;
  /** Id of the later step. */
  to: string;
};

/** What a pipeline step does. Its parameters are described by `stepKinds`. */
export type StepKind =
  /** Makes hour, weekday, month and day of the year of dates and times. */
  | 'CALENDAR'
  /** Brings numbers outside of bounds to the bounds, which are given or quantiles of the train part. */
  | 'CLIP'
  /** Uses the first of rows that are the same. */
  | 'DEDUPLICATE'
  /** Makes a column of other columns by an expression. */
  | 'DERIVE'
  /** Turns text columns into 0/1 features, one per frequent level. */
  | 'ENCODE'
  /** Uses the rows for which an expression is true. */
  | 'FILTER'
  /** Fills missing numbers with a value fitted on the train part. */
  | 'IMPUTE'
  /** Makes columns of the values that earlier rows of the same entity have. */
  | 'LAG'
  /** Replaces values, such as -999 or an impossible zero, by a missing value or by another one. */
  | 'REPLACE'
  /** Brings numeric columns to a common scale fitted on the train part. */
  | 'SCALE'
  /** Names the target or targets, and the columns to leave out. Every pipeline has one. */
  | 'SELECT_COLUMNS'
  /** Divides the rows into train, validation and test parts. */
  | 'SPLIT'
  /** Fits a model family, or the best of several. */
  | 'TRAIN'
  /** Of a stored step whose module is not loaded on this server: `kindName` names it. It is not run, and refused as input. */
  | 'UNKNOWN'
  /** Makes columns of the last rows of the same entity: their mean, sum, least, largest, number or deviation. */
  | 'WINDOW';

/** What a model predicts. */
export type Task =
  /** How unlike the other rows a row is; learnt without a target. */
  | 'ANOMALY'
  /** One of two classes. */
  | 'BINARY'
  /** One of three or more classes. */
  | 'MULTICLASS'
  /** Several targets of two classes each, any of which may hold together. */
  | 'MULTILABEL'
  /** Several numbers, such as the next steps of a series. */
  | 'MULTI_REGRESSION'
  /** The order of the rows of a group, such as the answers to a query: a score for each row. */
  | 'RANKING'
  /** A number. */
  | 'REGRESSION'
  /** A class for each step of a sequence; the targets are the steps, in order. */
  | 'SEQUENCE_LABELING'
  /** Of a stored model whose module is not loaded on this server. It does not predict until the operator loads it. */
  | 'UNKNOWN';

/** What a deployment does with input that its model has not seen in training: see `InputNoteKind`. */
export type UnusualInputPolicy =
  /** Answers, without notes. */
  | 'ANSWER'
  /** Answers, and says in `notes` what is unusual. */
  | 'NOTE'
  /** Refuses the request with VALIDATION_FAILED that names the rows and columns, and predicts none of its rows, as for any other fault of a row: send it again without them. A missing value is refused where the column was never missing in training, or where every input of the row is missing; otherwise it is noted, as a rare text is. */
  | 'REFUSE';

/** What is known of a column, so that it need not be recognised. */
export type UploadColumnInput = {
  /** How its cells are written, by the name that `ColumnProfile.format` shows, such as "decimal comma", "points between thousands, decimal comma, € behind it", "day, month, year" or "ja, nein"; any currency or unit of at most 6 characters may stand before or behind numbers. It decides where cells can be read in two ways. One cell in a hundred may be odd: it is missing, with a warning that names its row; with more the file is refused. Left out: it is recognised. An unknown one is VALIDATION_FAILED with the nearest. */
  format?: string | null | undefined;
  /** Its name in the header, without blanks around it. */
  name: string;
  /** TEXT keeps a column of text as it is written, such as codes with leading zeros. So does CATEGORY, which may be said of any column: numbers of a file with types become texts. The other types are read as everywhere, and the file is refused with the first row that does not fit. */
  type: ColumnType;
};

/** Where an upload stands. READY and REFUSED are final. */
export type UploadState =
  /** The file is checked, typed and profiled. */
  | 'INGESTING'
  /** Its content is a version of the dataset. */
  | 'READY'
  /** Bytes are coming in. */
  | 'RECEIVING'
  /** The file cannot become a version; the findings say why. */
  | 'REFUSED'
  /** No bytes yet, or the last attempt was interrupted; PUT the file to the address. */
  | 'WAITING';

export type CreateDatasetMutationVariables = Exact<{
  input: CreateDatasetInput;
}>;

export type CreateDatasetMutation = {
  createDataset: { dataset: { id: string; name: string }; upload: { url: string; expiresAt: string } };
};

export type ReingestMutationVariables = Exact<{
  input: ReingestInput;
}>;

export type ReingestMutation = {
  reingest: { dataset: { id: string; name: string }; upload: { id: string; state: UploadState } };
};

export type DatasetEventsSubscriptionVariables = Exact<{
  datasetId: string;
  after?: number;
}>;

export type DatasetEventsSubscription = {
  datasetEvents: {
    sequence: number;
    at: string;
    event:
      | {
          __typename: 'DatasetFinding';
          code: FindingCode;
          severity: FindingSeverity;
          column: string | null;
          row: number | null;
          message: string;
          fix: string;
          count: number | null;
          readings: Array<{ type: ColumnType; format: string }> | null;
        }
      | { __typename: 'DatasetStateChanged'; uploadId: string; state: UploadState }
      | { __typename: 'DatasetVersionReady'; version: { id: string } }
      | { __typename: 'IngestProgress'; phase: IngestPhase; fraction: number };
  };
};

export type FindingFragment = {
  code: FindingCode;
  severity: FindingSeverity;
  column: string | null;
  row: number | null;
  message: string;
  fix: string;
  count: number | null;
  readings: Array<{ type: ColumnType; format: string }> | null;
};

export type DatasetVersionProfileQueryVariables = Exact<{
  id: string;
}>;

export type DatasetVersionProfileQuery = {
  datasetVersion: {
    id: string;
    version: number;
    rowCount: number;
    columns: Array<{
      name: string;
      type: ColumnType;
      role: ColumnRole;
      missingCount: number;
      distinctCount: number;
      minimum: number | null;
      maximum: number | null;
      mean: number | null;
      quantiles: { p50: number } | null;
      topValues: Array<{ value: string; count: number }>;
    }>;
    findings: Array<{
      code: FindingCode;
      severity: FindingSeverity;
      column: string | null;
      row: number | null;
      message: string;
      fix: string;
      count: number | null;
      readings: Array<{ type: ColumnType; format: string }> | null;
    }>;
  };
};

export type CreatePipelineMutationVariables = Exact<{
  input: CreatePipelineInput;
}>;

export type CreatePipelineMutation = { createPipeline: { pipeline: { id: string } } };

export type StartRunMutationVariables = Exact<{
  input: StartRunInput;
}>;

export type StartRunMutation = { startRun: { run: { id: string; state: RunState }; cost: { credits: number } } };

export type CancelRunMutationVariables = Exact<{
  input: CancelRunInput;
}>;

export type CancelRunMutation = { cancelRun: { run: { id: string; state: RunState } } };

export type RunEventsSubscriptionVariables = Exact<{
  runId: string;
  after?: number;
}>;

export type RunEventsSubscription = {
  runEvents: {
    sequence: number;
    at: string;
    event:
      | { __typename: 'LogLine'; level: LogLevel; message: string; finding: FindingCode | null }
      | {
          __typename: 'MetricPoint';
          step: number;
          epoch: number;
          split: SplitPart;
          name: string;
          value: number | null;
          candidate: string;
        }
      | { __typename: 'RunControlRequested'; pause: boolean | null; learningRate: number | null }
      | { __typename: 'RunProgress'; fraction: number }
      | { __typename: 'RunStateChanged'; state: RunState };
  };
};

export type RunEventBatchesSubscriptionVariables = Exact<{
  runId: string;
  after?: number;
}>;

export type RunEventBatchesSubscription = {
  runEventBatches: {
    lastSequence: number;
    events: Array<{
      sequence: number;
      at: string;
      event:
        | { __typename: 'LogLine'; level: LogLevel; message: string; finding: FindingCode | null }
        | {
            __typename: 'MetricPoint';
            step: number;
            epoch: number;
            split: SplitPart;
            name: string;
            value: number | null;
            candidate: string;
          }
        | { __typename: 'RunControlRequested'; pause: boolean | null; learningRate: number | null }
        | { __typename: 'RunProgress'; fraction: number }
        | { __typename: 'RunStateChanged'; state: RunState };
    }>;
  };
};

export type RunEventFragment = {
  sequence: number;
  at: string;
  event:
    | { __typename: 'LogLine'; level: LogLevel; message: string; finding: FindingCode | null }
    | {
        __typename: 'MetricPoint';
        step: number;
        epoch: number;
        split: SplitPart;
        name: string;
        value: number | null;
        candidate: string;
      }
    | { __typename: 'RunControlRequested'; pause: boolean | null; learningRate: number | null }
    | { __typename: 'RunProgress'; fraction: number }
    | { __typename: 'RunStateChanged'; state: RunState };
};

export type RunResultQueryVariables = Exact<{
  id: string;
}>;

export type RunResultQuery = {
  run: {
    id: string;
    state: RunState;
    error: { code: string; message: string; hint: string | null; path: string | null } | null;
    splitCounts: { train: number; validation: number; test: number } | null;
    leaderboard: Array<{ candidate: string; family: string; metric: string; score: number }> | null;
    evaluation: {
      rowCount: number;
      metrics: Array<{
        name: string;
        target: string | null;
        value: number;
        lower: number | null;
        upper: number | null;
        baseline: { value: number; lower: number | null; upper: number | null } | null;
      }>;
      undefinedMetrics: Array<{ name: string; target: string | null; reason: string }> | null;
    } | null;
    modelVersion: {
      id: string;
      downloadPath: string;
      card: {
        task: Task;
        target: string | null;
        threshold: number | null;
        family: string;
        parameters: Record<string, unknown>;
        labels: Array<string> | null;
        parameterCount: number;
        targets: Array<{ name: string; labels: Array<string> | null }> | null;
        inputs: Array<{
          name: string;
          type: ModelInputType;
          minimum: number | null;
          maximum: number | null;
          levels: Array<string> | null;
          fill: number | null;
        }>;
        leftOut: Array<{ column: string; reason: string }>;
        warnings: Array<{ code: ModelWarningCode; message: string }> | null;
      };
    } | null;
  };
};

export type DeployModelMutationVariables = Exact<{
  input: DeployModelInput;
}>;

export type DeployModelMutation = {
  deployModel: {
    deployment: { id: string; name: string; state: DeploymentState };
    warnings: Array<{ code: ModelWarningCode; message: string }>;
  };
};

export type PredictMutationVariables = Exact<{
  input: PredictInput;
}>;

export type PredictMutation = {
  predict: {
    noteCount: number;
    latencyMs: number;
    predictions: Array<{
      id: string | null;
      value: string;
      anomalous: boolean | null;
      scores: Array<{ label: string; probability: number }> | null;
      targets: Array<{
        target: string;
        value: string;
        scores: Array<{ label: string; probability: number }> | null;
      }> | null;
    }>;
    notes: Array<{ row: number; notes: Array<{ kind: InputNoteKind; column: string; message: string }> }>;
    modelVersion: { id: string };
  };
};

export type RunCaseMutationVariables = Exact<{
  input: RunCaseInput;
}>;

export type RunCaseMutation = { runCase: { caseRun: { id: string; state: CaseRunState; run: { id: string } | null } } };

export type CaseRunEventsSubscriptionVariables = Exact<{
  caseRunId: string;
  after?: number;
}>;

export type CaseRunEventsSubscription = {
  caseRunEvents: { sequence: number; at: string; stage: CaseRunStage; message: string; runId: string | null };
};

export type CaseRunResultQueryVariables = Exact<{
  id: string;
}>;

export type CaseRunResultQuery = {
  caseRun: {
    id: string;
    state: CaseRunState;
    met: boolean | null;
    error: { code: string; message: string } | null;
    checks: Array<{
      comparison: string | null;
      metric: string;
      expected: number;
      tolerance: number;
      actual: number | null;
      met: boolean;
    }>;
    run: { id: string; state: RunState } | null;
    deployment: { id: string; name: string } | null;
    prediction: { id: string; value: string } | null;
  };
};

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const FindingFragmentDoc = new TypedDocumentString(
  `
    fragment Finding on DatasetFinding {
  code
  severity
  column
  row
  message
  fix
  count
  readings {
    type
    format
  }
}
    `,
  { fragmentName: 'Finding' },
) as unknown as TypedDocumentString<FindingFragment, unknown>;
export const RunEventFragmentDoc = new TypedDocumentString(
  `
    fragment RunEvent on RunEvent {
  sequence
  at
  event {
    __typename
    ... on MetricPoint {
      step
      epoch
      split
      name
      value
      candidate
    }
    ... on RunStateChanged {
      state
    }
    ... on LogLine {
      level
      message
      finding
    }
    ... on RunControlRequested {
      pause
      learningRate
    }
    ... on RunProgress {
      fraction
    }
  }
}
    `,
  { fragmentName: 'RunEvent' },
) as unknown as TypedDocumentString<RunEventFragment, unknown>;
export const CreateDatasetDocument = new TypedDocumentString(`
    mutation CreateDataset($input: CreateDatasetInput!) {
  createDataset(input: $input) {
    dataset {
      id
      name
    }
    upload {
      url
      expiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<CreateDatasetMutation, CreateDatasetMutationVariables>;
export const ReingestDocument = new TypedDocumentString(`
    mutation Reingest($input: ReingestInput!) {
  reingest(input: $input) {
    dataset {
      id
      name
    }
    upload {
      id
      state
    }
  }
}
    `) as unknown as TypedDocumentString<ReingestMutation, ReingestMutationVariables>;
export const DatasetEventsDocument = new TypedDocumentString(`
    subscription DatasetEvents($datasetId: ID!, $after: Int! = 0) {
  datasetEvents(datasetId: $datasetId, after: $after) {
    sequence
    at
    event {
      __typename
      ... on DatasetStateChanged {
        uploadId
        state
      }
      ... on IngestProgress {
        phase
        fraction
      }
      ... on DatasetFinding {
        ...Finding
      }
      ... on DatasetVersionReady {
        version {
          id
        }
      }
    }
  }
}
    fragment Finding on DatasetFinding {
  code
  severity
  column
  row
  message
  fix
  count
  readings {
    type
    format
  }
}`) as unknown as TypedDocumentString<DatasetEventsSubscription, DatasetEventsSubscriptionVariables>;
export const DatasetVersionProfileDocument = new TypedDocumentString(`
    query DatasetVersionProfile($id: ID!) {
  datasetVersion(id: $id) {
    id
    version
    rowCount
    columns {
      name
      type
      role
      missingCount
      distinctCount
      minimum
      maximum
      mean
      quantiles {
        p50
      }
      topValues {
        value
        count
      }
    }
    findings {
      ...Finding
    }
  }
}
    fragment Finding on DatasetFinding {
  code
  severity
  column
  row
  message
  fix
  count
  readings {
    type
    format
  }
}`) as unknown as TypedDocumentString<DatasetVersionProfileQuery, DatasetVersionProfileQueryVariables>;
export const CreatePipelineDocument = new TypedDocumentString(`
    mutation CreatePipeline($input: CreatePipelineInput!) {
  createPipeline(input: $input) {
    pipeline {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreatePipelineMutation, CreatePipelineMutationVariables>;
export const StartRunDocument = new TypedDocumentString(`
    mutation StartRun($input: StartRunInput!) {
  startRun(input: $input) {
    run {
      id
      state
    }
    cost {
      credits
    }
  }
}
    `) as unknown as TypedDocumentString<StartRunMutation, StartRunMutationVariables>;
export const CancelRunDocument = new TypedDocumentString(`
    mutation CancelRun($input: CancelRunInput!) {
  cancelRun(input: $input) {
    run {
      id
      state
    }
  }
}
    `) as unknown as TypedDocumentString<CancelRunMutation, CancelRunMutationVariables>;
export const RunEventsDocument = new TypedDocumentString(`
    subscription RunEvents($runId: ID!, $after: SafeInt! = 0) {
  runEvents(runId: $runId, after: $after) {
    ...RunEvent
  }
}
    fragment RunEvent on RunEvent {
  sequence
  at
  event {
    __typename
    ... on MetricPoint {
      step
      epoch
      split
      name
      value
      candidate
    }
    ... on RunStateChanged {
      state
    }
    ... on LogLine {
      level
      message
      finding
    }
    ... on RunControlRequested {
      pause
      learningRate
    }
    ... on RunProgress {
      fraction
    }
  }
}`) as unknown as TypedDocumentString<RunEventsSubscription, RunEventsSubscriptionVariables>;
export const RunEventBatchesDocument = new TypedDocumentString(`
    subscription RunEventBatches($runId: ID!, $after: SafeInt! = 0) {
  runEventBatches(runId: $runId, after: $after) {
    lastSequence
    events {
      ...RunEvent
    }
  }
}
    fragment RunEvent on RunEvent {
  sequence
  at
  event {
    __typename
    ... on MetricPoint {
      step
      epoch
      split
      name
      value
      candidate
    }
    ... on RunStateChanged {
      state
    }
    ... on LogLine {
      level
      message
      finding
    }
    ... on RunControlRequested {
      pause
      learningRate
    }
    ... on RunProgress {
      fraction
    }
  }
}`) as unknown as TypedDocumentString<RunEventBatchesSubscription, RunEventBatchesSubscriptionVariables>;
export const RunResultDocument = new TypedDocumentString(`
    query RunResult($id: ID!) {
  run(id: $id) {
    id
    state
    error {
      code
      message
      hint
      path
    }
    splitCounts {
      train
      validation
      test
    }
    leaderboard {
      candidate
      family
      metric
      score
    }
    evaluation {
      rowCount
      metrics {
        name
        target
        value
        lower
        upper
        baseline {
          value
          lower
          upper
        }
      }
      undefinedMetrics {
        name
        target
        reason
      }
    }
    modelVersion {
      id
      downloadPath
      card {
        task
        target
        targets {
          name
          labels
        }
        threshold
        family
        parameters
        labels
        parameterCount
        inputs {
          name
          type
          minimum
          maximum
          levels
          fill
        }
        leftOut {
          column
          reason
        }
        warnings {
          code
          message
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RunResultQuery, RunResultQueryVariables>;
export const DeployModelDocument = new TypedDocumentString(`
    mutation DeployModel($input: DeployModelInput!) {
  deployModel(input: $input) {
    deployment {
      id
      name
      state
    }
    warnings {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeployModelMutation, DeployModelMutationVariables>;
export const PredictDocument = new TypedDocumentString(`
    mutation Predict($input: PredictInput!) {
  predict(input: $input) {
    predictions {
      id
      value
      scores {
        label
        probability
      }
      targets {
        target
        value
        scores {
          label
          probability
        }
      }
      anomalous
    }
    noteCount
    notes {
      row
      notes {
        kind
        column
        message
      }
    }
    modelVersion {
      id
    }
    latencyMs
  }
}
    `) as unknown as TypedDocumentString<PredictMutation, PredictMutationVariables>;
export const RunCaseDocument = new TypedDocumentString(`
    mutation RunCase($input: RunCaseInput!) {
  runCase(input: $input) {
    caseRun {
      id
      state
      run {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RunCaseMutation, RunCaseMutationVariables>;
export const CaseRunEventsDocument = new TypedDocumentString(`
    subscription CaseRunEvents($caseRunId: ID!, $after: SafeInt! = 0) {
  caseRunEvents(caseRunId: $caseRunId, after: $after) {
    sequence
    at
    stage
    message
    runId
  }
}
    `) as unknown as TypedDocumentString<CaseRunEventsSubscription, CaseRunEventsSubscriptionVariables>;
export const CaseRunResultDocument = new TypedDocumentString(`
    query CaseRunResult($id: ID!) {
  caseRun(id: $id) {
    id
    state
    met
    error {
      code
      message
    }
    checks {
      comparison
      metric
      expected
      tolerance
      actual
      met
    }
    run {
      id
      state
    }
    deployment {
      id
      name
    }
    prediction {
      id
      value
    }
  }
}
    `) as unknown as TypedDocumentString<CaseRunResultQuery, CaseRunResultQueryVariables>;
