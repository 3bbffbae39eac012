/**
 * The tabs that GraphiQL opens with: a documented case from the library to a prediction. What stands in <angle brackets> is
 * taken from an earlier answer; the comment says which.
 */
export interface Example {
  query: string;
  variables?: Record<string, unknown>;
}

export const EXAMPLES: Example[] = [
  {
    query: `# First put an API key into the field above:
# that of the demo tenant is in the file demo-api-key
# of the data directory, which the page at / names.
query WhoAmI {
  me {
    role
    tenant {
      name
    }
  }
}
`,
  },
  {
    query: `# The library of documented cases.
query Cases {
  cases {
    edges {
      node {
        slug
        industry
        rowCount
        document {
          title
          summary
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Makes the data of a case, trains, deploys, predicts.
# Keep runCase.caseRun.id as <caseRunId>.
mutation RunCase($input: RunCaseInput!) {
  runCase(input: $input) {
    caseRun {
      id
      state
    }
  }
}
`,
    variables: { input: { slug: 'predictive-maintenance' } },
  },
  {
    query: `# Watch it. Ends when the case has run.
subscription CaseRunEvents($caseRunId: ID!) {
  caseRunEvents(caseRunId: $caseRunId, after: 0) {
    sequence
    at
    stage
    message
  }
}
`,
    variables: { caseRunId: '<caseRunId>' },
  },
  {
    query: `# What came out.
# Keep caseRunById.deployment.name as <deployment>.
query CaseRun($caseRunId: ID!) {
  caseRunById(id: $caseRunId) {
    state
    met
    checks {
      metric
      expected
      tolerance
      actual
      met
    }
    deployment {
      name
    }
  }
}
`,
    variables: { caseRunId: '<caseRunId>' },
  },
  {
    query: `# Ask the model.
mutation Predict($input: PredictInput!) {
  predict(input: $input) {
    predictions {
      value
      scores {
        label
        probability
      }
      notes {
        column
        message
      }
    }
    latencyMs
  }
}
`,
    variables: {
      input: {
        deployment: '<deployment>',
        rows: [
          {
            product_quality: 'L',
            air_temperature_k: 300.2,
            process_temperature_k: 310.1,
            rotational_speed_rpm: 1361,
            torque_nm: 58.1,
            tool_wear_min: 214,
          },
        ],
      },
    },
  },
];
